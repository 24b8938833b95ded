"""Reads the journal of the emulator, and waits for entries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ._api import Api
from .durations import text
from .errors import WaitError, listed
from .rooms import RoomOrARN, arn_of, path_of

__tracebackhide__ = True  # so that pytest shows the line of the test


def entries(api: Api, path: str, query: Mapping[str, object] = {}) -> list[Any]:
    """Returns the entries so far."""
    return list(api.admin("GET", path, query={**query, "after": 0, "count": 0})["items"])


def wait(
    api: Api,
    path: str,
    count: int,
    limit: float,
    what: str,
    query: Mapping[str, object] = {},
    *,
    match: Callable[[Any], bool] | None = None,
    otherwise: Callable[[], str] | None = None,
) -> list[Any]:
    """Waits for count entries that match, for at most limit seconds.

    If there are fewer, the error says how many of what there are, and shows them, or what otherwise
    returns.
    """
    end = time.monotonic() + limit
    seen: list[Any] = []
    found: list[Any] = []
    last = 0
    while True:
        answer = api.admin("GET", path, query={**query, "after": last, "count": 0})
        seen += answer["items"]
        found += [entry for entry in answer["items"] if match is None or match(entry)]
        last = answer["last"]
        left = end - time.monotonic()
        if len(found) >= count:
            return found
        if left <= 0:
            break
        await_next(api, path, last, left, query)
    if otherwise is not None:
        shown = otherwise()
    else:
        shown = listed("there are", [entry.get("frame") or entry.get("request") for entry in seen])
    raise WaitError(
        f"The number of {what} is {len(found)}, and not {count}, after {limit:g} s.{shown}"
    )


def wait_for_sessions(api: Api, room: RoomOrARN, count: int, limit: float) -> list[Any]:
    """Waits until the number of sessions of the room is count, for at most limit seconds."""
    end = time.monotonic() + limit
    while True:
        # Before the look, so that no change is missed in between.
        last = api.admin("GET", "/journal", query={"count": 1})["last"]
        found = list(api.admin("GET", path_of(room))["sessions"])
        left = end - time.monotonic()
        if len(found) == count:
            return found
        if left <= 0:
            break
        await_next(api, "/journal", last, left)
    users = listed("users", [session["userId"] for session in found])
    raise WaitError(
        f"The number of sessions in {arn_of(room)} is {len(found)}, and not {count}, "
        f"after {limit:g} s.{users}"
    )


def await_next(
    api: Api, path: str, last: int, left: float, query: Mapping[str, object] = {}
) -> None:
    """Waits for the entry that follows last, for at most left seconds."""
    query = {**query, "after": last, "count": 1, "timeout": text(left)}
    api.admin("GET", path, wait=left, query=query)
