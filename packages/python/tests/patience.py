"""Emulators and test runs with limits that are long enough for a busy machine."""

from functools import partial

import pytest

import ivschat_local

start = partial(ivschat_local.start, timeout="1m")


def run_tests(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Runs the tests of a pytester in a process of their own."""
    return pytester.runpytest_subprocess("--ivschat-timeout", "1m", *args)
