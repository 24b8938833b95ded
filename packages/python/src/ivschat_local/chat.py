"""A chat client."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_socket
from websockets.typing import Subprotocol

from ._api import refused
from .durations import Duration, seconds
from .errors import EmulatorError, WaitError, listed
from .frames import Frame, parse_frame

__tracebackhide__ = True  # so that pytest shows the line of the test


@dataclass(frozen=True)
class CloseStatus:
    """How a connection has ended. Without a close frame, the code is 1006."""

    code: int
    reason: str = ""

    def __str__(self) -> str:
        if self.code == 1006:
            return "the connection has ended without a close frame"
        return f"the connection was closed: {self.code} {self.reason}".rstrip()


class Chat:
    """A connected chat client. It keeps every frame that arrives for receive.

    It can be used in several threads, and is a context manager that closes the connection.
    """

    def __init__(
        self, connection: ClientConnection, timeout: float, trouble: Callable[[], str]
    ) -> None:
        self._connection = connection
        self._timeout = timeout
        self._trouble = trouble  # returns why connections end, or ""
        self._frames: deque[Frame] = deque()
        self._status: CloseStatus | None = None
        self._changed = threading.Condition()  # guards the frames and the status
        threading.Thread(target=self._read, name="ivschat-local chat", daemon=True).start()

    def send(self, content: str, attributes: Mapping[str, str] | None = None) -> str:
        """Sends a message. Returns its RequestId."""
        return self.send_action("SEND_MESSAGE", Content=content, Attributes=attributes)

    def delete_message(self, id: str, reason: str | None = None) -> str:
        """Asks for the deletion of the message with this id. Returns the RequestId."""
        return self.send_action("DELETE_MESSAGE", Id=id, Reason=reason)

    def disconnect_user(self, user_id: str, reason: str | None = None) -> str:
        """Asks for the disconnection of a user. Returns the RequestId."""
        return self.send_action("DISCONNECT_USER", UserId=user_id, Reason=reason)

    def send_action(self, action: str, **members: object) -> str:
        """Sends any action, with a RequestId if it has none. Returns the RequestId.

        Members that are None are left out.
        """
        members.setdefault("RequestId", str(uuid.uuid4()))
        given = {name: value for name, value in members.items() if value is not None}
        self.send_text(json.dumps({"Action": action, **given}))
        return str(members["RequestId"])

    def send_text(self, text: str) -> None:
        """Sends a text frame unchanged, also one that is no action."""
        try:
            self._connection.send(text)
        except ConnectionClosed:
            status = self.wait_closed()
            raise EmulatorError(f"Nothing can be sent: {status}.{self._why(status)}") from None

    def receive(
        self, match: Callable[[Frame], bool] | None = None, *, timeout: Duration | None = None
    ) -> Frame:
        """Waits for the first frame that matches, and skips those before it.

        Without match, it is the next frame. Raises a WaitError that says what arrived instead.
        """
        limit = self._timeout if timeout is None else seconds(timeout)
        end = time.monotonic() + limit
        skipped: list[Frame] = []
        with self._changed:
            while True:
                while self._frames:
                    frame = self._frames.popleft()
                    if match is None or match(frame):
                        return frame
                    skipped.append(frame)
                left = end - time.monotonic()
                if self._status is not None or left <= 0:
                    break
                self._changed.wait(left)
        what = "No matching frame was received" if skipped else "No frame was received"
        if self._status is None:
            what = f"{what} in {limit:g} s, and the connection is open."
        else:
            what = f"{what}: {self._status}.{self._why(self._status)}"
        raise WaitError(what + listed("received instead", [frame.raw for frame in skipped]))

    def receive_nothing(self, duration: Duration = 0.1) -> None:
        """Waits for this time. Raises a WaitError if a frame arrives or the connection has ended."""
        limit = seconds(duration)
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._status, limit)
            frames = [frame.raw for frame in self._frames]
            status = self._status
        if frames or status:
            what = f"Nothing should have been received for {limit:g} s."
            ended = f" Instead, {status}." if status else ""
            raise WaitError(what + ended + listed("received", frames))

    def close(self) -> CloseStatus:
        """Closes the connection, and waits for its end."""
        self._connection.close()
        return self.wait_closed()

    def drop(self) -> None:
        """Ends the connection at once, without a close frame."""
        try:
            self._connection.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended

    @property
    def closed(self) -> CloseStatus | None:
        """How the connection has ended, or None while it is open."""
        with self._changed:
            return self._status

    def wait_closed(self, *, timeout: Duration | None = None) -> CloseStatus:
        """Waits for the end of the connection. Raises a WaitError if it stays open."""
        limit = self._timeout if timeout is None else seconds(timeout)
        with self._changed:
            self._changed.wait_for(lambda: self._status, limit)
            if self._status is not None:
                return self._status
            frames = listed("frames that were not received yet", [f.raw for f in self._frames])
        raise WaitError(f"The connection is still open after {limit:g} s.{frames}")

    def __enter__(self) -> Chat:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> None:
        try:
            for message in self._connection:
                frame = parse_frame(
                    message if isinstance(message, str) else message.decode(errors="replace")
                )
                with self._changed:
                    self._frames.append(frame)
                    self._changed.notify_all()
        except (ConnectionClosed, OSError):
            pass  # without a close frame, or with another code than 1000
        with self._changed:
            code, reason = self._connection.close_code, self._connection.close_reason
            self._status = CloseStatus(code or 1006, reason or "")
            self._changed.notify_all()

    def _why(self, status: CloseStatus) -> str:
        """Returns why a connection has ended without a close frame, if it is known."""
        reason = self._trouble() if status.code == 1006 else ""
        return f" {reason}" if reason else ""


def dial(url: str, token: str, timeout: float, trouble: Callable[[], str]) -> Chat:
    """Connects with a chat token. Raises a RefusedError if the handshake is refused."""
    if not re.fullmatch("[!-~]+", token):  # such a token must not reach the log
        raise ValueError(
            "A chat token is not empty and has no spaces or special characters, but this one, of "
            f"{len(token)} characters, is none."
        )
    try:
        # __enter__ returns the connection in all versions of websockets. Chat closes it.
        connection = connect_socket(
            url,
            subprotocols=[Subprotocol(token)],
            open_timeout=timeout,
            close_timeout=timeout,
            ping_interval=None,
            proxy=None,
        ).__enter__()
    except InvalidStatus as error:
        response = error.response
        exception = response.headers.get("X-Amzn-ErrorType", "")
        raise refused(
            "The handshake", response.status_code, exception, bytes(response.body or b"")
        ) from None
    except Exception as error:  # of the network or the protocol: websockets has many
        raise EmulatorError(trouble() or f"No connection to {url}: {error}") from None
    return Chat(connection, timeout, trouble)
