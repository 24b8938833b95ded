"""Finds and runs the program, in a process of its own or in a container."""

from __future__ import annotations

import json
import os
import queue
import secrets
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections import deque
from importlib.metadata import files, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .errors import EmulatorError

__tracebackhide__ = True  # so that pytest shows the line of the test

VARIABLE = "IVSCHAT_PROGRAM"
NAME = "ivschat-local.exe" if sys.platform == "win32" else "ivschat-local"

_LOG_LINES = 5000
_SHOWN_ERRORS = 5


def find_program(option: str | os.PathLike[str] | None = None) -> str:
    """Returns the path of the program to start.

    It is the given one, else that of the variable IVSCHAT_PROGRAM, else that of this package, else
    ivschat-local in PATH. Raises an EmulatorError if there is none.
    """
    if option is not None:
        return _executable(os.fspath(option), "the option program")
    if chosen := os.environ.get(VARIABLE):
        return _executable(chosen, f"the variable {VARIABLE}")
    for path in _packaged():
        if os.access(path, os.X_OK):
            return str(path)
    if found := shutil.which("ivschat-local"):
        return found
    raise EmulatorError(
        "There is no program ivschat-local: the wheels of ivschat-local have one for Linux, macOS and "
        f"Windows on x86-64 and ARM64, and this is {sysconfig.get_platform()}. Install one of them, or "
        f"put ivschat-local into a directory of PATH, or set {VARIABLE} to its path."
    )


def _packaged() -> list[Path]:
    """Returns where pip may have put the program of this package."""
    recorded = [file for file in files("ivschat-local") or () if file.name == NAME]
    paths = [Path(str(file.locate())).resolve() for file in recorded]
    return [*paths, Path(__file__).parents[1] / "bin" / NAME]  # pip install --target records another


def _executable(path: str, source: str) -> str:
    if not os.path.isfile(path):
        raise EmulatorError(f"The program {path}, which {source} names, does not exist.")
    if not os.access(path, os.X_OK):
        raise EmulatorError(f"The program {path}, which {source} names, cannot be executed.")
    return path


class Process:
    """The emulator in a process of its own, which ends with this one."""

    ready: dict[str, Any]
    """What the emulator has printed when it was ready, with addresses that this process can use."""

    def __init__(
        self,
        command: list[str],
        what: str,
        timeout: float,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._what = what
        self._owner = os.getpid()
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # Ctrl-C is for the tests, which may still use the emulator while they end.
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise EmulatorError(f"{what} could not be started: {error}") from error
        lines: queue.Queue[bytes] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_output, args=[lines], daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            line = lines.get(timeout=timeout)
        except queue.Empty:
            self.stop(timeout)
            problems = self._problems()
            raise EmulatorError(f"{what} was not ready in {timeout:g} s.{problems}") from None
        except BaseException:  # for instance Ctrl-C
            self.stop(timeout)
            raise
        try:
            self.ready = json.loads(line)
            for member in ("endpoint", "admin", "version", "random_seed"):
                self.ready[member]
        except (ValueError, TypeError, KeyError):
            self.stop(timeout)
            said = f" It printed {line!r}." if line else ""
            raise EmulatorError(f"{self.ended}{said}") from None

    @property
    def log(self) -> str:
        """What the emulator has logged, each line as JSON. At most the last 5,000 lines."""
        return "".join(list(self._log))

    @property
    def ended(self) -> str:
        """Why the emulator does not run any more, with the errors of its log. "" while it runs."""
        code = self._process.poll()
        if code is None:
            return ""
        for reader in self._readers:
            reader.join(1)
        end = f"code {code}" if code >= 0 else f"signal {-code}"
        return f"{self._what} has ended with {end}.{self._problems()}"

    def wait_ended(self, limit: float) -> str:
        """Returns ended, after at most limit seconds: what a killed process had open ends before it."""
        if os.getpid() == self._owner:
            try:
                self._process.wait(limit)
            except subprocess.TimeoutExpired:
                pass
            return self.ended
        return ""

    def stop(self, timeout: float) -> None:
        """Lets the emulator end, and waits for that. After timeout seconds, it is killed."""
        process = self._process
        assert process.stdin and process.stdout and process.stderr
        try:
            process.stdin.close()
        except OSError:
            pass  # the emulator has ended
        if sys.platform != "win32":
            process.terminate()  # a forked process may still have the other end of its standard input
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join(1)
        if not any(reader.is_alive() for reader in self._readers):
            process.stdout.close()
            process.stderr.close()

    def _read_output(self, lines: queue.Queue[bytes]) -> None:
        assert self._process.stdout
        lines.put(self._process.stdout.readline())
        for _ in self._process.stdout:
            pass

    def _read_log(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._log.append(line.decode(errors="replace"))

    def _problems(self) -> str:
        """Returns what the log says about problems: errors, and what is not JSON."""
        problems = []
        for line in list(self._log):
            try:
                entry = json.loads(line)
                if entry["level"] == "ERROR":
                    problems.append(entry["msg"])
            except (ValueError, TypeError, KeyError):
                problems.append(line.rstrip())
        return " " + "\n".join(problems[-_SHOWN_ERRORS:]) if problems else ""


# IVSCHAT_ADMIN_LISTEN has the address of another emulator, if it is set.
_SERVE = ["--data", ":memory:", "--admin-listen", "", "--log-format", "json", "--stop-with-stdin"]

# These would make the emulator of a test a node of a cluster.
_CLUSTER = {
    "IVSCHAT_NATS",
    "IVSCHAT_NATS_PREFIX",
    "IVSCHAT_NATS_CREDENTIALS",
    "IVSCHAT_NATS_TLS",
    "IVSCHAT_CLUSTER_SECRET",
    "IVSCHAT_NODE",
}


def start_program(
    program: str | os.PathLike[str] | None, port: int, flags: list[str], timeout: float
) -> Process:
    """Starts the program, and waits until it is ready."""
    path = find_program(program)
    command = [path, "serve", "--listen", f"127.0.0.1:{port}", *_SERVE, *flags]
    environment = {name: value for name, value in os.environ.items() if name not in _CLUSTER}
    return Process(command, f"The emulator {path}", timeout, environment)


def start_container(
    engine: str | bool, image: str | None, port: int, flags: list[str], timeout: float
) -> Process:
    """Starts a container with docker or podman, and waits until the emulator in it is ready."""
    candidates = ["docker", "podman"] if engine is True else [str(engine)]
    found = next(filter(None, map(shutil.which, candidates)), None)
    if found is None:
        raise EmulatorError(f"The option container needs {' or '.join(candidates)} in PATH.")
    image = (
        image
        or os.environ.get("IVSCHAT_IMAGE")
        or f"ghcr.io/ivschat-local/ivschat-local:{version('ivschat-local')}"
    )
    name = f"ivschat-local-{secrets.token_hex(6)}"
    publish = f"127.0.0.1:{port or ''}:4700"
    command = [found, "run", "--rm", "--interactive", "--name", name, "--publish", publish, image]
    command += ["serve", "--listen", "0.0.0.0:4700", *_SERVE, *flags]
    process = Process(command, f"The container of {image}", timeout)
    try:
        ask = [found, "port", name, "4700/tcp"]
        asked = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=timeout)
    except (subprocess.SubprocessError, OSError) as error:
        process.stop(timeout)
        said = (getattr(error, "stderr", None) or str(error)).strip()
        raise EmulatorError(f"The port of the container of {image} is not known: {said}") from None
    address = asked.stdout.split()[0]
    for key in ("endpoint", "http_endpoint", "admin"):
        if url := process.ready.get(key):
            process.ready[key] = urlunsplit(urlsplit(url)._replace(netloc=address))
    return process
