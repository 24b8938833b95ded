"""A running emulator."""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import quote

from . import types
from ._api import Api, Place
from ._program import Process
from .chat import Chat, dial
from .durations import Duration, seconds, text
from .errors import WaitError, listed

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


@dataclass(frozen=True)
class Room:
    """A room of the emulator."""

    arn: str
    id: str
    name: str


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
        """Returns the arguments of a client of boto3: boto3.client("ivschat", **client_options())."""
        access_key_id, secret = self._shared.access_key or (self.account or "000000000000", "local")
        return {
            "endpoint_url": self.endpoint,
            "region_name": self.region,
            "aws_access_key_id": access_key_id,
            "aws_secret_access_key": secret,
        }

    def env(self) -> dict[str, str]:
        """Returns environment variables that point AWS SDKs and chat clients to the emulator."""
        options = self.client_options()
        return {
            "AWS_ENDPOINT_URL_IVSCHAT": self.endpoint,
            "IVSCHAT_MESSAGING_URL": self.messaging_url,
            "AWS_ACCESS_KEY_ID": options["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

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
        room: Room | str,
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
        room: Room | str,
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

    def reviews(self, room: Room | str | None = None) -> list[types.Review]:
        """Returns the reviews of messages so far, in a room or in all of them."""
        path = "/reviews" if room is None else f"{_path(room)}/reviews"
        return cast("list[types.Review]", self._entries(path))

    def wait_for_reviews(
        self, room: Room | str, count: int = 1, *, timeout: Duration | None = None
    ) -> list[types.Review]:
        """Waits until this many messages of the room have been reviewed."""
        found = self._wait(f"{_path(room)}/reviews", count, f"reviews in {arn_of(room)}", timeout)
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
        return cast("list[types.Call]", self._entries("/calls", query))

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
        found = self._wait("/calls", count, what, timeout, query, otherwise=otherwise)
        return cast("list[types.Call]", found)

    def wait_for_frames(
        self,
        room: Room | str,
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
        query = {"direction": direction}
        found = self._wait(f"{_path(room)}/frames", count, what, timeout, query, match=match)
        return cast("list[types.FrameEntry]", found)

    def sessions(self, room: Room | str) -> list[types.Session]:
        """Returns the open sessions of a room."""
        return cast("list[types.Session]", self._api.admin("GET", _path(room))["sessions"])

    def wait_for_sessions(
        self, room: Room | str, count: int = 1, *, timeout: Duration | None = None
    ) -> list[types.Session]:
        """Waits until exactly this many sessions of the room are open."""
        limit = self._limit(timeout)
        end = time.monotonic() + limit
        while True:
            last = self._api.admin("GET", "/journal", query={"count": 1})["last"]
            found = self.sessions(room)
            left = end - time.monotonic()
            if len(found) == count:
                return found
            if left <= 0:
                users = listed("users", [session["userId"] for session in found])
                raise WaitError(
                    f"The number of sessions in {arn_of(room)} is {len(found)}, and not {count}, "
                    f"after {limit:g} s.{users}"
                )
            query = {"after": last, "count": 1, "timeout": text(left)}
            self._api.admin("GET", "/journal", wait=left, query=query)

    def journal(self, kind: types.EntryKind | None = None) -> list[types.Entry]:
        """Returns what has happened: calls, frames, handshakes, connections, faults and reviews."""
        return self._entries("/journal", {"kind": kind})

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
        """Ends the connections of this client and, if start has started it, the emulator."""
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

    def _entries(self, path: str, query: Mapping[str, object] = {}) -> list[Any]:
        query = {**query, "after": 0, "count": 0}
        return list(self._api.admin("GET", path, query=query)["items"])

    def _wait(
        self,
        path: str,
        count: int,
        what: str,
        timeout: Duration | None,
        query: Mapping[str, object] = {},
        *,
        match: Callable[[Any], bool] | None = None,
        otherwise: Callable[[], str] | None = None,
    ) -> list[Any]:
        """Waits for entries that match. If there are fewer in time, the error shows what is there."""
        limit = self._limit(timeout)
        end = time.monotonic() + limit
        seen: list[Any] = []
        found: list[Any] = []
        last = 0
        while True:
            answer = self._api.admin("GET", path, query={**query, "after": last, "count": 0})
            seen += answer["items"]
            found += [entry for entry in answer["items"] if match is None or match(entry)]
            last = answer["last"]
            if len(found) >= count:
                return found
            left = end - time.monotonic()
            if left <= 0:
                break
            next_one = {**query, "after": last, "count": 1, "timeout": text(left)}
            self._api.admin("GET", path, wait=left, query=next_one)
        if otherwise is not None:
            shown = otherwise()
        else:
            shown = listed("there are", [e.get("frame") or e.get("request") for e in seen])
        raise WaitError(
            f"The number of {what} is {len(found)}, and not {count}, after {limit:g} s.{shown}"
        )


def arn_of(room: Room | str) -> str:
    """Returns the ARN of a room. Raises a ValueError if it is none."""
    arn = room.arn if isinstance(room, Room) else room
    if not isinstance(arn, str) or arn.count(":") != 5 or not arn.startswith("arn:"):
        raise ValueError(f"A room is given by what room returns or by its ARN, but not {room!r}.")
    return arn


def check_account(account: str) -> None:
    """Raises a ValueError if it is not an account ID."""
    if not isinstance(account, str) or not re.fullmatch("[0-9]{12}", account):
        raise ValueError(f"An account must be a text of 12 digits, but is {account!r}.")


def _path(room: Room | str) -> str:
    return f"/rooms/{quote(arn_of(room), safe='')}"
