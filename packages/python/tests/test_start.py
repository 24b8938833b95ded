"""How an emulator starts and ends, and what is said when it does not start."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ivschat_local import EmulatorError, WaitError
from ivschat_local._program import NAME, find_program
from patience import start


def test_the_program_is_next_to_the_python_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("IVSCHAT_PROGRAM", raising=False)
    assert Path(find_program()) == Path(sys.executable).with_name(NAME)


def test_the_program_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "ivschat_local", "version"]
    assert "0.1.0" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_program_that_does_not_exist_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EmulatorError, match="which the option program names, does not exist"):
        start(program=tmp_path / "missing")
    monkeypatch.setenv("IVSCHAT_PROGRAM", str(tmp_path / "missing"))
    with pytest.raises(EmulatorError, match="which the variable IVSCHAT_PROGRAM names, does not exist"):
        start()
    (tmp_path / "text").write_text("")
    with pytest.raises(EmulatorError, match="cannot be executed"):
        start(program=tmp_path / "text")


def test_without_a_program_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IVSCHAT_PROGRAM", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("ivschat_local._program._packaged", list)
    with pytest.raises(EmulatorError, match="put ivschat-local into a directory of PATH"):
        start()


def test_emulators_do_not_share_the_address_of_the_admin_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with start() as first:
        monkeypatch.setenv("IVSCHAT_ADMIN_LISTEN", first.endpoint.removeprefix("http://"))  # in use
        with start() as second:
            assert second.admin_url.startswith(second.endpoint)


def test_an_emulator_joins_no_cluster_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NATS_PREFIX", "NATS_CREDENTIALS", "NATS_TLS", "CLUSTER_SECRET", "NODE"):
        monkeypatch.setenv(f"IVSCHAT_{name}", "not valid")
    monkeypatch.setenv("IVSCHAT_NATS", "nats://127.0.0.1:1")
    with start() as emulator:
        emulator.room()


def test_a_program_that_ends_at_the_start_is_an_error_with_its_reason() -> None:
    with pytest.raises(EmulatorError, match="has ended with code 2. --nonsense is not a flag"):
        start(args=["--nonsense"])


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="scripts are no programs there")
def test_a_program_that_is_never_ready_is_an_error(tmp_path: Path) -> None:
    silent = script(tmp_path / "silent", "import sys; sys.stdin.read()")
    with pytest.raises(EmulatorError, match="was not ready in 0.5 s"):
        start(program=silent, timeout=0.5)
    other = script(tmp_path / "other", "print('hello')")
    with pytest.raises(EmulatorError, match=r"has ended with .*It printed b'hello"):
        start(program=other)


def test_a_killed_emulator_is_an_error_and_no_hang() -> None:
    with start() as emulator:
        room = emulator.room()
        anna = emulator.connect(room, "anna", capabilities=["SEND_MESSAGE"])
        assert emulator._shared.process
        emulator._shared.process._process.kill()
        with pytest.raises(WaitError, match="without a close frame. The emulator .* has ended with"):
            anna.receive()
        with pytest.raises(EmulatorError, match="has ended with"):
            anna.send("hello")
        with pytest.raises(EmulatorError, match="has ended with"):
            emulator.connect(room, "ben")
        with pytest.raises(EmulatorError, match="has ended with"):
            emulator.wait_for_frames(room, 1)


def test_the_region_is_that_of_the_emulator_that_runs_already() -> None:
    with start(region="eu-west-1") as emulator, start(endpoint=emulator.endpoint) as other:
        assert other.region == "eu-west-1"
        assert ":eu-west-1:" in other.room().arn


def test_nobody_at_the_endpoint_is_an_error() -> None:
    with start() as emulator:
        endpoint = emulator.endpoint
    with pytest.raises(EmulatorError, match=f"The emulator at {endpoint}.* cannot be reached"):
        start(endpoint=endpoint)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals there")
def test_the_emulator_ends_with_a_killed_process() -> None:
    code = "import ivschat_local; e = ivschat_local.start(); print(e.endpoint, flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout
        endpoint = test.stdout.readline().strip()
        with start(endpoint=endpoint) as emulator:
            chat = emulator.connect(emulator.room(), "anna")
            test.send_signal(signal.SIGKILL)
            assert chat.wait_closed()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork there")
def test_a_forked_process_does_not_stop_the_emulator() -> None:
    with start() as emulator:
        anna = emulator.connect(emulator.room(), "anna", capabilities=["SEND_MESSAGE"])
        if (child := os.fork()) == 0:
            emulator.stop()
            os._exit(0)
        os.waitpid(child, 0)
        anna.send("hello")
        assert anna.receive().content == "hello"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork there")
def test_the_emulator_ends_although_a_forked_process_has_its_standard_input() -> None:
    emulator = start()
    end, end_of_child = os.pipe(), None
    if (child := os.fork()) == 0:
        os.close(end[1])
        os.read(end[0], 1)  # until this process closes it
        os._exit(0)
    try:
        started = time.monotonic()
        emulator.stop()
        assert time.monotonic() - started < 30
    finally:
        os.close(end[1])
        os.close(end[0])
        end_of_child = os.waitpid(child, 0)
    assert end_of_child[1] == 0
    emulator.stop()  # does nothing any more
    with pytest.raises(EmulatorError, match="has ended with code 0"):
        emulator.room()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"account": "1"}, "An account must be a text of 12 digits, but is '1'"),
        ({"container": "lxc"}, "The option container must be True"),
        ({"container": True, "program": "x"}, "container and program exclude each other"),
        ({"container": True, "review_handler": print}, "A function cannot be the review_handler"),
        ({"image": "x"}, "add container=True"),
        ({"endpoint": "http://127.0.0.1:1", "port": 5}, "it excludes program"),
        ({"endpoint": "127.0.0.1:4700"}, "must be a URL such as"),
        ({"args": "--auth iam"}, "The option args must be a list"),
        ({"timeout": "soon"}, "A duration is written like"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        start(**options)


@pytest.mark.skipif("DOCKER_HOST" not in os.environ, reason="there is no container engine")
def test_a_container_is_an_emulator() -> None:
    with start(container=True) as emulator:
        anna = emulator.connect(emulator.room(), "anna", capabilities=["SEND_MESSAGE"])
        anna.send("hello")
        assert anna.receive().content == "hello"
