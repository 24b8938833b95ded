"""Fixtures for pytest. The plugin is active where the package is installed."""

from __future__ import annotations

import hashlib
import secrets
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from ._start import start
from .emulator import Emulator
from .errors import EmulatorError, shortened
from .rooms import Room

_SHOWN_ENTRIES = 50
_HIDDEN = {
    "id", "time", "kind", "account", "region", "room", "durationNanoseconds", "requestId", "caller",
}
_emulator_key = pytest.StashKey[Emulator]()
_CHOICES = {
    "endpoint": "The endpoint of an emulator that runs already, in place of a new one.",
    "container": "Start the emulator in a container: true, docker or podman.",
    "random_seed": "The seed of IDs and random faults, to repeat a run.",
    "timeout": 'How long anything may take before it fails, such as "30s".',
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds an option of the command line, and one of the configuration, for each choice."""
    group = parser.getgroup("ivschat-local")
    for name, help in _CHOICES.items():
        group.addoption(f"--ivschat-{name.replace('_', '-')}", dest=f"ivschat_{name}", help=help)
        parser.addini(f"ivschat_{name}", help)
    parser.addini("ivschat_args", "More flags of the emulator, such as --auth iam.", type="args")


@pytest.fixture(scope="session")
def ivschat_options(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The options of ivschat_local.start for the emulator of all tests. Override it to add some."""
    options: dict[str, Any] = {}
    for name in _CHOICES:
        value = pytestconfig.getoption(f"ivschat_{name}") or pytestconfig.getini(f"ivschat_{name}")
        if value:
            options[name] = value
    if options.get("container") == "true":
        options["container"] = True
    if args := pytestconfig.getini("ivschat_args"):
        options["args"] = args
    return options


@pytest.fixture(scope="session")
def ivschat_emulator(ivschat_options: dict[str, Any]) -> Iterator[Emulator]:
    """The emulator of all tests. It ends with the tests. Use ivschat in a test."""
    with start(**ivschat_options) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _ivschat_salt(ivschat_options: dict[str, Any]) -> str:
    # Several runs of the tests may share an emulator that runs already.
    return secrets.token_hex() if "endpoint" in ivschat_options else ""


@pytest.fixture
def ivschat(
    ivschat_emulator: Emulator, _ivschat_salt: str, request: pytest.FixtureRequest
) -> Iterator[Emulator]:
    """The emulator, in an account of this test alone. Its rooms and so on end with the test."""
    name = _ivschat_salt + request.node.nodeid
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % 10**12
    # With --auth, an account needs an access key, so the tests have that of the first one.
    callers = ivschat_emulator._api.callers()
    emulator = ivschat_emulator.for_account(callers[0]["account"] if callers else f"{number:012d}")
    request.node.stash[_emulator_key] = emulator
    yield emulator
    emulator.disconnect()
    emulator.reset()


@pytest.fixture
def ivschat_room(ivschat: Emulator) -> Room:
    """A room in the account of this test."""
    return ivschat.room()


@pytest.fixture
def ivschat_env(ivschat: Emulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Sets the environment variables that point AWS SDKs to the emulator, and returns them."""
    variables = ivschat.env()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    if boto3 := sys.modules.get("boto3"):
        # The session of boto3.client would go on with the credentials of an earlier test.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return variables


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the journal of the emulator to the report of a test that has failed."""
    report = yield
    emulator = item.stash.get(_emulator_key, None)
    if report.failed and report.when != "teardown" and emulator is not None:
        report.sections.append(("Journal of ivschat-local", _journal(emulator)))
    return report


def _journal(emulator: Emulator) -> str:
    try:
        entries = emulator.journal()
    except EmulatorError as error:
        return str(error)
    lines = [f"--ivschat-random-seed {emulator.random_seed} repeats its IDs and random faults."]
    if len(entries) > _SHOWN_ENTRIES:
        lines.append(f"({len(entries) - _SHOWN_ENTRIES} earlier entries)")
    for entry in entries[-_SHOWN_ENTRIES:]:
        rest = {name: value for name, value in entry.items() if name not in _HIDDEN}
        lines.append(f"{entry['time']} {entry['kind']} {shortened(rest)}")
    return "\n".join(lines)
