"""The fixtures and options of the plugin, in test runs of their own."""

import pytest

from ivschat_local import Emulator
from patience import run_tests

FAILING = """
def test_fails(ivschat, ivschat_room):
    anna = ivschat.connect(ivschat_room, "anna", capabilities=["SEND_MESSAGE"])
    anna.send("hello")
    assert anna.receive().content == "goodbye"
"""


def test_a_failed_test_shows_the_journal(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    result = run_tests(pytester, "--ivschat-random-seed", "42")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Journal of ivschat-local*",
            "--ivschat-random-seed 42 repeats its IDs and random faults.",
            '* call {*"operation": "CreateRoom"*',
            '* frame {*"Content": "hello"*',
        ]
    )


def test_an_error_shows_the_line_of_the_test_and_no_internals(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_waits(ivschat, ivschat_room):
            ivschat.wait_for_frames(ivschat_room, 1, timeout=0.01)

        def test_stopped(ivschat, ivschat_room):
            ivschat._shared.process.stop(10)
            ivschat.connect(ivschat_room, "anna")
        """
    )
    result = run_tests(pytester, "-rN")
    result.stdout.fnmatch_lines(["E * The number of frames in * is 0, and not 1, after 0.01 s."])
    result.stdout.fnmatch_lines(["E * The emulator * has ended with code 0."])
    result.stdout.no_fnmatch_line("*_journal.py*")
    result.stdout.no_fnmatch_line("*urllib*")


def test_a_test_whose_fixture_fails_shows_the_journal(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def lobby(ivschat):
            ivschat.room(name="lobby")
            raise RuntimeError("no idea")

        def test_fails(lobby):
            pass
        """
    )
    result = run_tests(pytester, "-o", "ivschat_args=--auth iam")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Journal of ivschat-local*", '* call {*"name": "lobby"*'])


def test_each_test_has_an_account_and_a_clock_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_alone(ivschat, ivschat_room, number):
            assert len(ivschat.snapshot()["rooms"]) == 1
            assert ivschat.clock()["ahead"] == "0s"
            ivschat.advance("1h")
        """
    )
    run_tests(pytester).assert_outcomes(passed=4)
    run_tests(pytester, "-n", "2").assert_outcomes(passed=4)


def test_an_emulator_that_runs_already_is_used_and_left_empty(
    ivschat_emulator: Emulator, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        def test_attached(ivschat, ivschat_room):
            ivschat.fault("CreateRoom", delay="1s")
            print("account", ivschat.account)
        """
    )
    accounts = set()
    for _ in range(2):  # each run has other accounts, so that two can go on at once
        result = run_tests(pytester, "-s", "--ivschat-endpoint", ivschat_emulator.endpoint)
        result.assert_outcomes(passed=1)
        account = next(line for line in result.outlines if "account" in line).split()[-1]
        left = ivschat_emulator.for_account(account)
        assert (left.snapshot()["rooms"], left.faults(), left.journal()) == ([], [], [])
        accounts.add(account)
    assert len(accounts) == 2


def test_options_come_from_the_configuration_and_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nivschat_args = --room-quota 1\nivschat_timeout = 70s\n")
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def ivschat_options(ivschat_options):
            return {**ivschat_options, "region": "eu-west-1"}
        """
    )
    pytester.makepyfile(
        """
        import ivschat_local, pytest

        def test_options(ivschat_options, ivschat):
            assert ivschat_options["timeout"] == "70s"
            assert ":eu-west-1:" in ivschat.room().arn
            with pytest.raises(ivschat_local.RefusedError, match="402"):
                ivschat.room()
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_an_emulator_that_cannot_be_started_is_an_error_of_the_test(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(FAILING)
    result = run_tests(pytester, "-o", "ivschat_args=--nonsense")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*has ended with code 2. --nonsense is not a flag*"])
