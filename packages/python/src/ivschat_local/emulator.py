"""A running emulator."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from . import _journal, types
from ._api import Api, Place
from ._program import Process
from .chat import Chat, dial
from .durations import Duration, seconds, text
from .errors import listed
from .rooms import Room, RoomOrARN, arn_of, check_account, path_of

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

__tracebackhide__ = True  # so that pytest shows the line of the test


@dataclass(frozen=True)
class Shared:
    """Everything that an emulator and its views of accounts share."""

    process: Process | None
    endpoint: str
    version: str
    random_seed: int
    access_key: tuple[str, str] | None
    """With --auth: the ID and the secret of the key that the emulator has made."""
    seed: str | None
    """A document in JSON or YAML."""
    release: Callable[[], None]
    """Ends what was started beside the process."""


class Emulator:
    """A running emulator, see start. It is a context manager that stops it.

    Where a room is taken, its ARN can be given, too. What waits fails with a WaitError after the
    timeout of start, 10 seconds by default, and the error says what happened instead.
    """

    def __init__(self, place: Place, timeout: float, shared: Shared) -> None:
        self._shared = shared
        self._api = Api(place, timeout, self._trouble)
        self._owner = os.getpid()
        self._chats: weakref.WeakSet[Chat] = weakref.WeakSet()

    @property
    def endpoint(self) -> str:
        """The endpoint for AWS SDKs, such as http://127.0.0.1:4700."""
        return self._shared.endpoint

    @property
    def messaging_url(self) -> str:
        """The endpoint for chat clients, such as ws://127.0.0.1:4700."""
        return "ws" + self.endpoint.removeprefix("http")

    @property
    def admin_url(self) -> str:
        """The address of the admin API, such as http://127.0.0.1:4700/_ivschat/v1."""
        return f"{self._api.place.admin}/_ivschat/v1"

    @property
    def account(self) -> str | None:
        """The account that this client works in, or None for all of them."""
        return self._api.place.account

    @property
    def region(self) -> str:
        """The region of rooms."""
        return self._api.place.region

    @property
    def random_seed(self) -> int:
        """The option random_seed that repeats the IDs and random faults of this run."""
        return self._shared.random_seed

    @property
    def version(self) -> str:
        """The version of the emulator."""
        return self._shared.version

    @property
    def log(self) -> str:
        """What the emulator has logged, if start has started it: lines of JSON."""
        return self._shared.process.log if self._shared.process else ""

    def client_options(self) -> dict[str, str]:
        """Returns the arguments of a client of boto3: boto3.client("ivschat", **client_options()).

        boto3 uses the proxy of HTTP_PROXY also for this machine, unless NO_PROXY says otherwise, as
        the variables of env and the fixture ivschat_env do.
        """
        access_key_id, secret = self._shared.access_key or (self.account or "000000000000", "local")
        return {
            "endpoint_url": self.endpoint,
            "region_name": self.region,
            "aws_access_key_id": access_key_id,
            "aws_secret_access_key": secret,
        }

    def env(self) -> dict[str, str]:
        """Returns environment variables that point AWS SDKs and chat clients to the emulator.

        NO_PROXY and no_proxy have what they have in this process, and the host of the emulator.
        """
        options = self.client_options()
        return {
            "AWS_ENDPOINT_URL_IVSCHAT": self.endpoint,
            "IVSCHAT_MESSAGING_URL": self.messaging_url,
            "AWS_ACCESS_KEY_ID": options["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "NO_PROXY": self._without_proxy("NO_PROXY", "no_proxy"),
            "no_proxy": self._without_proxy("no_proxy", "NO_PROXY"),
        }

    def _without_proxy(self, *names: str) -> str:
        """Returns the hosts in the first of the variables that is set, and that of the emulator."""
        hosts = next(filter(None, map(os.environ.get, names)), "")
        host = urlsplit(self.endpoint).hostname or ""
        if hosts == "*" or host in hosts.split(","):
            return hosts
        return f"{hosts},{host}" if hosts else host

    def for_account(self, account: str) -> Emulator:
        """Returns a client of the same emulator that works in another account.

        It sees and changes only the rooms, faults, clock and so on of that account, so tests with
        accounts of their own can share an emulator.
        """
        check_account(account)
        shared = replace(self._shared, seed=None)
        return Emulator(replace(self._api.place, account=account), self._api.timeout, shared)

    def room(self, **members: Unpack[types.RoomMembers]) -> Room:
        """Creates a room. The members are those of CreateRoom, such as maximumMessageLength."""
        place = self._api.place
        answer = self._api.call("CreateRoom", dict(members), place.account, place.region)
        return Room(answer["arn"], answer["id"], answer.get("name", ""))

    def token(
        self,
        room: RoomOrARN,
        user_id: str,
        *,
        capabilities: types.Capabilities = (),
        attributes: Mapping[str, str] | None = None,
        session_duration_in_minutes: int | None = None,
    ) -> str:
        """Creates a chat token. Without capabilities, the user can only read.

        The session lasts from 1 to 180 minutes, by default 60.
        """
        arn = arn_of(room)
        members: dict[str, object] = {"roomIdentifier": arn, "userId": user_id}
        members["capabilities"] = [capabilities] if isinstance(capabilities, str) else [*capabilities]
        if attributes is not None:
            members["attributes"] = dict(attributes)
        if session_duration_in_minutes is not None:
            members["sessionDurationInMinutes"] = session_duration_in_minutes
        _, _, _, region, account, *_ = arn.split(":")
        return str(self._api.call("CreateChatToken", members, account, region)["token"])

    def connect(
        self,
        room: RoomOrARN,
        user_id: str,
        *,
        capabilities: types.Capabilities = (),
        attributes: Mapping[str, str] | None = None,
        session_duration_in_minutes: int | None = None,
    ) -> Chat:
        """Connects as a user of a room. Raises a RefusedError if the handshake is refused."""
        token = self.token(
            room,
            user_id,
            capabilities=capabilities,
            attributes=attributes,
            session_duration_in_minutes=session_duration_in_minutes,
        )
        return self.connect_with_token(token)

    def connect_with_token(self, token: str) -> Chat:
        """Connects with a chat token, for instance one of your application."""
        url = "ws" + self._api.place.endpoint.removeprefix("http")
        chat = dial(url, token, self._api.timeout, self._trouble)
        self._chats.add(chat)
        return chat

    def inspect_token(self, token: str) -> types.TokenContent:
        """Returns what a chat token contains. It is not used up."""
        answer = self._api.admin("POST", "/tokens/inspect", {"token": token})
        return cast(types.TokenContent, answer)

    def clock(self) -> types.Clock:
        """Returns the clock."""
        return cast(types.Clock, self._api.admin("GET", "/clock"))

    def advance(self, duration: Duration) -> types.Clock:
        """Moves the clock forward, by a timedelta, a number of seconds, or a text such as "61m".

        Everything that became due has then happened: for instance, sessions have ended.
        """
        return cast(types.Clock, self._api.admin("POST", "/clock", {"advance": text(duration)}))

    def freeze(self) -> types.Clock:
        """Stops the clock."""
        return cast(types.Clock, self._api.admin("POST", "/clock", {"freeze": True}))

    def resume(self) -> types.Clock:
        """Lets the clock run again after freeze."""
        return cast(types.Clock, self._api.admin("POST", "/clock", {"freeze": False}))

    def fault(
        self, operation: types.FaultPoint, **members: Unpack[types.FaultMembers]
    ) -> types.ActiveFault:
        """Adds a rule that makes something go wrong. By default, it fires every time.

        operation says where, and exactly one of exception, status, error, close, reset, silence, frame
        and fail says what, or delay alone.
        """
        rule = {"operation": operation, **members}
        return cast(types.ActiveFault, self._api.admin("POST", "/faults", rule)["items"][0])

    def faults(self) -> list[types.ActiveFault]:
        """Returns the faults that can still fire."""
        return cast("list[types.ActiveFault]", self._api.admin("GET", "/faults")["items"])

    def clear_faults(self) -> None:
        """Removes all faults."""
        self._api.admin("DELETE", "/faults")

    def script_reviews(self, *answers: types.ScriptedAnswer) -> None:
        """Answers reviews in place of the message review handlers.

        Replaces the answers that were scripted before.
        """
        self._api.admin("PUT", "/reviews", list(answers))

    def reviews(self, room: RoomOrARN | None = None) -> list[types.Review]:
        """Returns the reviews of messages so far, in a room or in all of them."""
        path = "/reviews" if room is None else f"{path_of(room)}/reviews"
        return cast("list[types.Review]", _journal.entries(self._api, path))

    def wait_for_reviews(
        self, room: RoomOrARN, count: int = 1, *, timeout: Duration | None = None
    ) -> list[types.Review]:
        """Waits until this many messages of the room have been reviewed."""
        path, what = f"{path_of(room)}/reviews", f"reviews in {arn_of(room)}"
        found = _journal.wait(self._api, path, count, self._limit(timeout), what)
        return cast("list[types.Review]", found)

    def calls(
        self,
        operation: types.Operation | None = None,
        members: Mapping[str, object] | None = None,
        *,
        status: int | None = None,
    ) -> list[types.Call]:
        """Returns the calls of AWS's API so far: those with these members of the request and this
        HTTP status."""
        query = {"operation": operation, "with": members, "status": status}
        return cast("list[types.Call]", _journal.entries(self._api, "/calls", query))

    def wait_for_calls(
        self,
        operation: types.Operation,
        count: int = 1,
        members: Mapping[str, object] | None = None,
        *,
        timeout: Duration | None = None,
    ) -> list[types.Call]:
        """Waits until an operation was called this many times, with these members of the request.

        The requests may have other members, too. Calls that failed count: status says so.
        """
        what = f"calls of {operation}"
        if members:
            what += f" with {dict(members)}"

        def otherwise() -> str:
            requests = [call.get("request") for call in self.calls(operation)]
            return listed(f"requests of {operation}", requests)

        query = {"operation": operation, "with": members}
        limit = self._limit(timeout)
        found = _journal.wait(self._api, "/calls", count, limit, what, query, otherwise=otherwise)
        return cast("list[types.Call]", found)

    def wait_for_frames(
        self,
        room: RoomOrARN,
        count: int = 1,
        match: Callable[[types.FrameEntry], bool] | None = None,
        *,
        direction: Literal["in", "out"] = "out",
        timeout: Duration | None = None,
    ) -> list[types.FrameEntry]:
        """Waits until this many frames were sent in the room since it was created.

        A frame to all clients counts once. match says whether an entry counts; by default, all do.
        The direction "in" is that from clients.
        """
        what = f"{'matching ' if match else ''}frames in {arn_of(room)}"
        path, query = f"{path_of(room)}/frames", {"direction": direction}
        found = _journal.wait(
            self._api, path, count, self._limit(timeout), what, query, match=match
        )
        return cast("list[types.FrameEntry]", found)

    def sessions(self, room: RoomOrARN) -> list[types.Session]:
        """Returns the open sessions of a room."""
        return cast("list[types.Session]", self._api.admin("GET", path_of(room))["sessions"])

    def wait_for_sessions(
        self, room: RoomOrARN, count: int = 1, *, timeout: Duration | None = None
    ) -> list[types.Session]:
        """Waits until exactly this many sessions of the room are open."""
        found = _journal.wait_for_sessions(self._api, room, count, self._limit(timeout))
        return cast("list[types.Session]", found)

    def journal(self, kind: types.EntryKind | None = None) -> list[types.Entry]:
        """Returns what has happened: calls, frames, handshakes, connections, faults and reviews."""
        return _journal.entries(self._api, "/journal", {"kind": kind})

    def reset(self) -> None:
        """Removes rooms, sessions, faults, the journal and so on, and goes back to the option seed."""
        self._api.admin("POST", "/reset")
        if self._shared.seed is not None:
            self.seed(self._shared.seed)

    def seed(self, document: types.Seed | types.Snapshot | str) -> None:
        """Adds rooms and logging configurations of a document, or of a text in JSON or YAML."""
        self._api.admin("POST", "/seed", document)

    def snapshot(self) -> types.Snapshot:
        """Returns all rooms, logging configurations and tags."""
        return cast(types.Snapshot, self._api.admin("GET", "/snapshot"))

    def restore(self, snapshot: types.Snapshot) -> None:
        """Replaces everything with what a snapshot has. Chat clients are disconnected."""
        self._api.admin("PUT", "/snapshot", snapshot)

    def admin(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """Sends any other request to the admin API, and returns the answer from JSON.

        The path follows /_ivschat/v1.
        """
        return self._api.admin(method, path, body, query=query)

    def disconnect(self) -> None:
        """Ends the connections of this client."""
        for chat in list(self._chats):
            chat.drop()

    def stop(self) -> None:
        """Ends the connections of this client and, if start has started it, the emulator.

        Does nothing in a process that was forked: they belong to the one that has started them.
        """
        if os.getpid() != self._owner:
            return
        self.disconnect()
        self._shared.release()
        if self._shared.process is not None:
            self._shared.process.stop(self._api.timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _trouble(self) -> str:
        """Returns why the emulator cannot be reached, if it is because it has ended."""
        return self._shared.process.wait_ended(1) if self._shared.process else ""

    def _limit(self, timeout: Duration | None) -> float:
        return self._api.timeout if timeout is None else seconds(timeout)
