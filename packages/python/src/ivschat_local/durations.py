"""Durations: a timedelta, a number of seconds, or a text such as "90s", "61m" or "1h30m"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Union

__tracebackhide__ = True  # so that pytest shows the line of the test

Duration = Union[timedelta, float, str]
"""A timedelta, a number of seconds, or a text such as "250ms", "90s", "61m" or "1h30m"."""

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def seconds(duration: Duration) -> float:
    """Returns the duration in seconds. Raises a ValueError or a TypeError if it is none."""
    if isinstance(duration, timedelta):
        result = duration.total_seconds()
    elif isinstance(duration, str):
        parts = _PART.findall(duration)
        if not parts or "".join(number + unit for number, unit in parts) != duration:
            raise ValueError(f'A duration is written like "90s", "61m" or "1h30m", but not {duration!r}.')
        result = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    elif isinstance(duration, (int, float)) and not isinstance(duration, bool):
        result = float(duration)
    else:
        raise TypeError(
            f"A duration is a timedelta, a number of seconds or a text, but not {duration!r}."
        )
    if not 0 <= result < 1e10:
        raise ValueError(f"A duration cannot be negative or endless, as {duration!r} is.")
    return result


def text(duration: Duration) -> str:
    """Returns the duration as the emulator reads it."""
    whole = seconds(duration)
    return duration if isinstance(duration, str) else f"{round(whole * 1e6)}us"
