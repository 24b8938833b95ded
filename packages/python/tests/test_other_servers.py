"""What is said when something else than an emulator answers, or a broken one."""

import base64
import hashlib
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivschat_local import EmulatorError
from ivschat_local.chat import dial
from patience import start


@contextmanager
def server(answer: Callable[[str], Iterator[bytes]]) -> Iterator[str]:
    """Serves one connection after the other, with bytes as an answer to the head of a request."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = iter(self.rfile.readline, b"\r\n")
            head = b"".join(lines).decode()
            try:
                for part in answer(head):
                    self.wfile.write(part)
            except OSError:
                pass  # the client has left

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.parametrize("body", [b"<html>", b"", b"null", b"[]", b'{"version": "1"}', b"\xff\xfe{"])
def test_an_answer_that_is_not_that_of_an_emulator_is_an_error(body: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with server(lambda head: iter([answer])) as endpoint:
        with pytest.raises(EmulatorError, match=f"At {endpoint}.* is no ivschat-local: .* is "):
            start(endpoint=endpoint)


def test_an_answer_that_does_not_end_is_an_error() -> None:
    def endless(head: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        for _ in range(1000):
            yield b" "
            time.sleep(0.01)

    with server(endless) as endpoint:
        with pytest.raises(EmulatorError, match="cannot be reached: timed out"):
            start(endpoint=endpoint, timeout="300ms")


def test_a_program_that_says_something_else_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "other"
    program.write_text('#!/bin/sh\necho \'{"endpoint": "http://127.0.0.1:1"}\'\nexec cat\n')
    program.chmod(0o755)
    with pytest.raises(EmulatorError, match="It printed .*127.0.0.1:1"):
        start(program=program)


@pytest.mark.parametrize("frame", [b'\x81\x0e{"Sender":"a"}', b"\x82\x02\xff\xfe", b"\x81\x02[]"])
def test_a_strange_frame_is_received_as_one_without_a_type(frame: bytes) -> None:
    def upgrade(head: str) -> Iterator[bytes]:
        key = head.partition("Sec-WebSocket-Key: ")[2].split("\r\n")[0]
        hashed = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        yield b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        yield b"Sec-WebSocket-Protocol: token\r\n"
        yield b"Sec-WebSocket-Accept: " + base64.b64encode(hashed) + b"\r\n\r\n"
        yield frame

    with server(upgrade) as endpoint:
        chat = dial(endpoint.replace("http", "ws"), "token", 60, lambda: "")
        assert chat.receive().type == ""
        assert chat.wait_closed().code == 1006


def test_a_bad_chat_token_is_not_in_the_error() -> None:
    for token in ("", "hush hush", "hush\r\nHost: example.org"):
        with pytest.raises(ValueError, match="A chat token is not empty") as caught:
            dial("ws://127.0.0.1:1", token, 60, lambda: "")
        assert "hush" not in str(caught.value)
