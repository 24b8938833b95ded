"""Calls of the admin API and of AWS's API."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from .errors import EmulatorError, RefusedError, shortened

__tracebackhide__ = True  # so that pytest shows the line of the test

# Without the proxies of the environment: the emulator is on this machine, or in its network.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def send(
    method: str, url: str, body: object = None, *, timeout: float, headers: Mapping[str, str] = {}
) -> Any:
    """Sends a request, and returns its answer from JSON. Text is sent unchanged, the rest as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    data = None if body is None else text.encode()
    request = urllib.request.Request(url, data, dict(headers), method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    what = f"{method} {urlsplit(url).path}"
    end = time.monotonic() + timeout
    try:
        try:
            with _opener.open(request, timeout=timeout) as response:
                answer = _read(response, end)
        except urllib.error.HTTPError as error:
            with error:
                exception = error.headers.get("X-Amzn-ErrorType", "")
                raise refused(what, error.code, exception, _read(error, end)) from None
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise EmulatorError(f"The emulator at {url} cannot be reached: {reason}") from None
    try:
        return json.loads(answer) if answer else None
    except ValueError:
        said = shortened(answer.decode(errors="replace"))
        raise EmulatorError(
            f"At {url} is no ivschat-local: the answer to {what} is not JSON: {said}"
        ) from None


def _read(response: IO[bytes], end: float) -> bytes:
    """Reads an answer. Its parts may not take longer together than each of them may alone."""
    parts = []
    while part := response.read1(1 << 16):  # type: ignore[attr-defined]  # HTTPResponse has it
        parts.append(part)
        if time.monotonic() > end:
            raise TimeoutError("timed out")
    return b"".join(parts)


def refused(what: str, status: int, exception: str, body: bytes) -> RefusedError:
    """Returns the error for an answer with this status."""
    text = body.decode(errors="replace")
    try:
        answer = json.loads(text)
        message = answer.get("message") or answer.get("Message") or text
    except (ValueError, AttributeError):
        message = text
    name = exception.split(":")[0]
    return RefusedError(
        f"{what} was refused with {status}{name and ' ' + name}: {message}".rstrip(": "), status, name
    )


@dataclass(frozen=True)
class Place:
    """Where the emulator is, and for whom it is used."""

    endpoint: str
    """The address of AWS's API that this process uses."""
    admin: str
    """The address of the admin API. Empty if it is off."""
    account: str | None
    """Limits requests to this account."""
    region: str


class Api:
    """Calls of the admin API and of AWS's API. timeout is in seconds."""

    def __init__(self, place: Place, timeout: float, trouble: Callable[[], str]) -> None:
        self.place = place
        self.timeout = timeout
        self._trouble = trouble  # returns why requests fail, or ""

    def admin(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        wait: float = 0,
        query: Mapping[str, object] = {},
        scoped: bool = True,
    ) -> Any:
        """Sends a request to the admin API, after whose arrival it may wait for some seconds.

        The path follows /_ivschat/v1. Members of the query that are None are left out.
        """
        if not self.place.admin:
            raise EmulatorError("The admin API is off: the emulator has --admin-listen off.")
        account = self.place.account if scoped else None
        members = {
            name: value if isinstance(value, (str, int)) else json.dumps(value)
            for name, value in {"account": account, **query}.items()
            if value is not None
        }
        url = f"{self.place.admin}/_ivschat/v1{path}"
        if members:
            url += "?" + urlencode(members)
        return self._send(method, url, body, timeout=self.timeout + wait)

    def call(
        self, operation: str, members: Mapping[str, object], account: str | None, region: str
    ) -> Any:
        """Calls an operation of AWS's API in an account and a region."""
        body = json.dumps(members)
        headers = {}
        if signer := self._signer(account):
            request = {
                "method": "POST",
                "path": f"/{operation}",
                "body": body,
                "region": region,
                "host": urlsplit(self.place.endpoint).netloc,
            }
            path = f"/callers/{signer}/sign"
            headers = self.admin("POST", path, request, scoped=False)["headers"]
        elif account is not None:
            # Without --auth, the emulator reads the account and the region, and verifies nothing.
            scope = f"{account}/20260101/{region}/ivschat/aws4_request"
            headers["Authorization"] = (
                f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
            )
        url = f"{self.place.endpoint}/{operation}"
        return self._send("POST", url, body, timeout=self.timeout, headers=headers)

    def callers(self) -> list[dict[str, Any]]:
        """Returns the access keys that may call AWS's API. Without --auth, there are none."""
        if not self.place.admin:
            return []
        return list(self.admin("GET", "/callers", scoped=False)["items"])

    def _signer(self, account: str | None) -> str | None:
        """Returns the access key that signs calls, or None without --auth."""
        callers = self.callers()
        if not callers:
            return None
        for caller in callers:
            if account in (None, caller["account"]):
                return str(caller["accessKeyId"])
        raise EmulatorError(
            f"The emulator has --auth, and no access key that belongs to the account {account}."
        )

    def _send(self, method: str, url: str, body: object, **options: Any) -> Any:
        try:
            return send(method, url, body, **options)
        except RefusedError:
            raise
        except EmulatorError as error:
            raise EmulatorError(self._trouble() or str(error)) from None
