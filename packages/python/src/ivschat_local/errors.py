"""The errors of this package, and how they show what happened instead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


class EmulatorError(Exception):
    """Something went wrong with the emulator: it cannot be started or reached, or has ended."""


class RefusedError(EmulatorError):
    """The emulator has refused a request or a WebSocket handshake.

    status is the HTTP status. exception is the exception of AWS's API, such as
    ValidationException, or "" if there is none.
    """

    def __init__(self, message: str, status: int, exception: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.exception = exception


class WaitError(EmulatorError, AssertionError):
    """Something did not happen in time, or something happened that should not.

    The message says what happened instead.
    """


_SHOWN_LINES = 10
_SHOWN_CHARACTERS = 300


def listed(heading: str, values: Sequence[Any]) -> str:
    """Shows the latest values, each on its own line. Returns "" if there is none."""
    if not values:
        return ""
    lines = [shortened(value) for value in values[-_SHOWN_LINES:]]
    if len(values) > _SHOWN_LINES:
        lines.insert(0, f"({len(values) - _SHOWN_LINES} earlier ones)")
    return f"\n{heading}:" + "".join(f"\n  {line}" for line in lines)


def shortened(value: Any) -> str:
    """Shows the beginning of a value, as JSON unless it is text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
