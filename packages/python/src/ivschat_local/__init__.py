"""A test client for ivschat-local, a local emulator of Amazon IVS Chat.

start starts an emulator. With pytest, the fixtures ivschat and ivschat_room do.
"""

from ._start import start
from .chat import Chat, CloseStatus
from .durations import Duration
from .emulator import Emulator
from .errors import EmulatorError, RefusedError, WaitError
from .frames import Frame, Sender
from .rooms import Room

__all__ = [
    "Chat",
    "CloseStatus",
    "Duration",
    "Emulator",
    "EmulatorError",
    "Frame",
    "RefusedError",
    "Room",
    "Sender",
    "WaitError",
    "start",
]
