"""Starts an emulator."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from . import types
from ._api import Place, send
from ._program import Process, start_container, start_program
from ._review import ReviewServer
from .durations import Duration, seconds
from .emulator import Emulator, Shared
from .errors import EmulatorError, shortened
from .rooms import check_account

__tracebackhide__ = True  # so that pytest shows the line of the test

_TIMEOUT = 10.0
_CONTAINER_START = 120.0


def start(
    *,
    endpoint: str | None = None,
    program: str | os.PathLike[str] | None = None,
    container: bool | Literal["docker", "podman"] = False,
    image: str | None = None,
    port: int = 0,
    account: str | None = None,
    region: str | None = None,
    seed: types.Seed | types.Snapshot | str | os.PathLike[str] | None = None,
    random_seed: int | None = None,
    review_handler: types.ReviewHandler | str | Sequence[str] | None = None,
    args: Sequence[str] = (),
    timeout: Duration | None = None,
) -> Emulator:
    """Starts an emulator in memory that ends with this process, or at stop.

        with ivschat_local.start() as emulator:
            room = emulator.room()
            anna = emulator.connect(room, "anna", capabilities=["SEND_MESSAGE"])

    endpoint: uses an emulator that runs already, such as http://127.0.0.1:4700, in place of a new one.
    program: the path of the program. By default, it is that of the variable IVSCHAT_PROGRAM, then that
        of this package, then ivschat-local in PATH.
    container: starts a container in place of the program, with "docker" or "podman". True means the
        one that is installed, docker first.
    image: the image of the container. By default, it is that of the variable IVSCHAT_IMAGE, then that
        of this version.
    port: the port to listen on. 0 is a free port.
    account: the account of 12 digits that the client works in. Only its rooms, faults, clock and so on
        are seen and changed. By default, these are every account, and 000000000000 for rooms.
    region: the region of rooms, by default us-east-1, or with endpoint the region of that emulator.
    seed: rooms and logging configurations that exist from the start and after reset: a document, or the
        path of a file in JSON or YAML.
    random_seed: the seed of IDs and random faults, to repeat a run.
    review_handler: what reviews the messages of rooms with a message review handler: a function, or the
        PATTERN=TARGET of the flag --review-handler, or several. The function must answer in 200 ms, or
        as long as args=["--review-timeout", "10s"] says.
    args: more flags of the program, such as ["--auth", "iam"].
    timeout: how long anything may take before it fails, by default 10 seconds, and two minutes for the
        start of a container, whose image may have to be pulled.

    Raises an EmulatorError if the emulator cannot be started, and a ValueError for a bad option.
    """
    limit = seconds(_TIMEOUT if timeout is None else timeout)
    if account is not None:
        check_account(account)
    if isinstance(args, str):
        raise ValueError(f"The option args must be a list of texts, but is {args!r}.")
    own = (program, image, random_seed, review_handler, container or None, port or None, *args)
    if endpoint is not None and any(option is not None for option in own):
        raise ValueError(
            "The option endpoint is for an emulator that runs already, so it excludes program, container, "
            "image, port, random_seed, review_handler and args."
        )
    if container and program is not None:
        raise ValueError("The options container and program exclude each other.")
    if image is not None and not container:
        raise ValueError("The option image is for containers: add container=True.")
    if container not in (True, False, "docker", "podman"):
        raise ValueError(f'The option container must be True, "docker" or "podman", but is {container!r}.')
    if container and callable(review_handler):
        raise ValueError(
            "A function cannot be the review_handler of a container, which does not reach this process: "
            "use script_reviews, or a URL."
        )
    if isinstance(seed, (str, os.PathLike)):
        document: str | None = Path(seed).read_text(encoding="utf-8")
    else:
        document = None if seed is None else json.dumps(seed)

    server = ReviewServer(review_handler) if callable(review_handler) else None
    process: Process | None = None
    try:
        if endpoint is not None:
            ready = _attach(endpoint, limit)
        else:
            handlers = [f"*={server.target}"] if server else review_handler
            flags = [*_flags(account, region, random_seed, handlers), *args]
            if container:
                process = start_container(
                    container, image, port, flags, _CONTAINER_START if timeout is None else limit
                )
            else:
                process = start_program(program, port, flags, limit)
            ready = process.ready
        emulator = _emulator(ready, process, account, region, document, limit, server)
        if document is not None:
            emulator.seed(document)
    except BaseException:
        if process is not None:
            process.stop(limit)
        if server is not None:
            server.close()
        raise
    return emulator


def _emulator(
    ready: dict[str, Any],
    process: Process | None,
    account: str | None,
    region: str | None,
    document: str | None,
    limit: float,
    server: ReviewServer | None,
) -> Emulator:
    own = ready.get("http_endpoint") or ready["endpoint"]  # this client needs no TLS
    admin = own if ready["admin"] == ready["endpoint"] else ready["admin"]
    key = ready.get("access_key_id")
    return Emulator(
        Place(own, admin, account, region or ready.get("region", "us-east-1")),
        limit,
        Shared(
            process=process,
            endpoint=ready["endpoint"],
            version=ready["version"],
            random_seed=ready["random_seed"],
            access_key=(key, ready["secret_access_key"]) if key else None,
            seed=document,
            release=server.close if server else lambda: None,
        ),
    )


def _flags(
    account: str | None, region: str | None, random_seed: int | None, handlers: Any
) -> list[str]:
    """Returns the flags of the program for the options."""
    flags = []
    for flag, value in (("account", account), ("region", region), ("random-seed", random_seed)):
        if value is not None:
            flags += [f"--{flag}", str(value)]
    for handler in [handlers] if isinstance(handlers, str) else handlers or ():
        flags += ["--review-handler", handler]
    return flags


def _attach(endpoint: str, limit: float) -> dict[str, Any]:
    """Asks an emulator that runs already what it would have said at its start."""
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise ValueError(
            f"The option endpoint must be a URL such as http://127.0.0.1:4700, but is {endpoint!r}."
        )
    endpoint = f"{parts.scheme}://{parts.netloc}"
    info = send("GET", f"{endpoint}/_ivschat/v1/info", timeout=limit)
    try:
        return {
            "endpoint": endpoint,
            "admin": endpoint,
            "random_seed": info["randomSeed"],
            "version": info["version"],
            "region": info["region"],
        }
    except (TypeError, KeyError):
        said = shortened(info)
        raise EmulatorError(f"At {endpoint} is no ivschat-local: its answer is {said}.") from None
