"""Rooms and accounts, as arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Union
from urllib.parse import quote

__tracebackhide__ = True  # so that pytest shows the line of the test


@dataclass(frozen=True)
class Room:
    """A room of the emulator."""

    arn: str
    id: str
    name: str


RoomOrARN = Union[Room, str]
"""A room, or the ARN of one."""


def arn_of(room: RoomOrARN) -> str:
    """Returns the ARN of a room. Raises a ValueError if it is none."""
    arn = room.arn if isinstance(room, Room) else room
    if not isinstance(arn, str) or arn.count(":") != 5 or not arn.startswith("arn:"):
        raise ValueError(f"A room is given by what room returns or by its ARN, but not {room!r}.")
    return arn


def path_of(room: RoomOrARN) -> str:
    """Returns the path of a room in the admin API."""
    return f"/rooms/{quote(arn_of(room), safe='')}"


def check_account(account: str) -> None:
    """Raises a ValueError if it is not an account ID."""
    if not isinstance(account, str) or not re.fullmatch("[0-9]{12}", account):
        raise ValueError(f"An account must be a text of 12 digits, but is {account!r}.")
