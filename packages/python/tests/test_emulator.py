"""What a test does with an emulator beside chatting."""

import json
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from ivschat_local import Emulator, EmulatorError, RefusedError, Room, WaitError
from ivschat_local.types import MessageReviewHandler, ReviewAnswer, ReviewEvent, Seed
from patience import start

HANDLER: MessageReviewHandler = {
    "uri": "arn:aws:lambda:us-east-1:123456789012:function:review"
}


def test_boto3_uses_the_account_of_the_test(ivschat: Emulator) -> None:
    chat = boto3.client("ivschat", **ivschat.client_options())
    arn = chat.create_room(name="lobby")["arn"]
    assert f":{ivschat.account}:" in arn
    assert ivschat.sessions(arn) == []


def test_boto3_finds_the_emulator_in_the_environment(
    ivschat: Emulator, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    earlier = boto3.Session(aws_access_key_id="999999999999", aws_secret_access_key="local")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", earlier)
    ivschat_env = request.getfixturevalue("ivschat_env")
    room = ivschat.room(name="lobby")
    assert boto3.client("ivschat").list_rooms()["rooms"][0]["arn"] == room.arn
    assert ivschat_env["IVSCHAT_MESSAGING_URL"] == ivschat.messaging_url


def test_boto3_reaches_the_emulator_without_the_proxy_of_the_environment(
    ivschat: Emulator, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.delenv("no_proxy", raising=False)
    variables = request.getfixturevalue("ivschat_env")
    assert variables["NO_PROXY"] == variables["no_proxy"] == "example.com,127.0.0.1"
    assert ivschat.env() == variables  # the host is not added again
    assert boto3.client("ivschat", **ivschat.client_options()).list_rooms()["rooms"] == []
    monkeypatch.setenv("NO_PROXY", "*")
    assert ivschat.env()["NO_PROXY"] == "*"


def test_a_token_has_what_it_was_created_with(ivschat: Emulator, ivschat_room: Room) -> None:
    token = ivschat.token(
        ivschat_room.arn,
        "anna",
        capabilities=["SEND_MESSAGE"],
        attributes={"color": "blue"},
        session_duration_in_minutes=5,
    )
    content = ivschat.inspect_token(token)
    assert content["userId"] == "anna"
    assert content["capabilities"] == ["SEND_MESSAGE"]
    assert content["attributes"] == {"color": "blue"}


def test_the_clock_moves_stops_and_goes_on(ivschat: Emulator) -> None:
    assert ivschat.freeze()["frozen"]
    before = ivschat.clock()["now"]
    ivschat.advance(timedelta(minutes=1))
    ivschat.advance(60)
    ivschat.advance("1m")
    assert ivschat.clock()["now"] > before
    assert ivschat.clock()["ahead"].startswith("2m59")
    assert not ivschat.resume()["frozen"]


def test_a_fault_fires_and_is_removed(ivschat: Emulator) -> None:
    fault = ivschat.fault("CreateRoom", exception="PendingVerification", times=2)
    with pytest.raises(RefusedError) as error:
        ivschat.room()
    assert (error.value.exception, error.value.status) == ("PendingVerification", 403)
    assert [(left["id"], left["fired"]) for left in ivschat.faults()] == [(fault["id"], 1)]
    ivschat.clear_faults()
    ivschat.room()


def test_a_bad_fault_is_refused_with_the_reason(ivschat: Emulator) -> None:
    with pytest.raises(RefusedError, match="CreateRom"):
        ivschat.fault("CreateRom", reset=True)  # type: ignore[arg-type]


def test_calls_of_the_application_are_found(ivschat: Emulator, ivschat_room: Room) -> None:
    ivschat.token(ivschat_room, "anna", capabilities=["SEND_MESSAGE"])
    call = ivschat.wait_for_calls("CreateChatToken", 1, {"userId": "anna"})[0]
    assert call["request"]["capabilities"] == ["SEND_MESSAGE"]
    assert call["response"]["token"] == "***"
    assert [found["id"] for found in ivschat.calls("CreateChatToken", status=200)] == [call["id"]]
    with pytest.raises(WaitError) as error:
        ivschat.wait_for_calls("CreateChatToken", 1, {"userId": "ben"}, timeout="10ms")
    assert "The number of calls of CreateChatToken with {'userId': 'ben'} is 0" in str(error.value)
    assert '"userId": "anna"' in str(error.value)


def test_frames_of_the_room_are_awaited(ivschat: Emulator, ivschat_room: Room) -> None:
    anna = ivschat.connect(ivschat_room, "anna", capabilities=["SEND_MESSAGE"])
    anna.send("one")
    anna.send("two")
    out = ivschat.wait_for_frames(ivschat_room, 2)
    assert [entry["frame"]["Content"] for entry in out] == ["one", "two"]
    two = ivschat.wait_for_frames(
        ivschat_room, 1, lambda entry: entry["frame"]["Content"] == "two", direction="in"
    )
    assert len(two) == 1
    with pytest.raises(WaitError) as error:
        ivschat.wait_for_frames(ivschat_room, 3, timeout=0.01)
    assert f"The number of frames in {ivschat_room.arn} is 2, and not 3" in str(error.value)
    assert "two" in str(error.value)


def test_sessions_are_awaited(ivschat: Emulator, ivschat_room: Room) -> None:
    ivschat.connect(ivschat_room, "anna")
    assert ivschat.wait_for_sessions(ivschat_room, 1)[0]["userId"] == "anna"
    with pytest.raises(WaitError, match="is 1, and not 2, after 0.01 s.\nusers:\n  anna"):
        ivschat.wait_for_sessions(ivschat_room, 2, timeout="10ms")


def test_reviews_are_scripted(ivschat: Emulator) -> None:
    room = ivschat.room(messageReviewHandler=HANDLER)
    ivschat.script_reviews(
        {"userId": "ben", "deny": {"reason": "muted"}}, {"allow": {"content": "reviewed"}}
    )
    anna = ivschat.connect(room, "anna", capabilities=["SEND_MESSAGE"])
    ben = ivschat.connect(room, "ben", capabilities=["SEND_MESSAGE"])
    ben.send("hello")
    assert ben.receive().error_code == 406
    anna.send("hello")
    assert ben.receive().content == "reviewed"
    verdicts = [review["review"]["verdict"] for review in ivschat.wait_for_reviews(room, 2)]
    assert verdicts == ["DENY", "ALLOW"]
    assert ivschat.reviews()[0]["request"]["Sender"]["UserId"] == "ben"


def test_a_function_reviews_messages(caplog: pytest.LogCaptureFixture) -> None:
    def review(event: ReviewEvent) -> ReviewAnswer:
        if event["Content"] == "fail":
            raise RuntimeError("no idea")
        return {"ReviewResult": "ALLOW", "Content": event["Content"].upper()}

    args = ["--review-timeout", "10s"]
    with start(review_handler=review, args=args) as emulator:
        room = emulator.room(messageReviewHandler={**HANDLER, "fallbackResult": "DENY"})
        anna = emulator.connect(room, "anna", capabilities=["SEND_MESSAGE"])
        anna.send("hello")
        assert anna.receive().content == "HELLO"
        anna.send("fail")
        assert anna.receive().error_code == 406
    assert "RuntimeError: no idea" in caplog.text


def test_accounts_are_apart(ivschat: Emulator, ivschat_room: Room) -> None:
    other = ivschat.for_account("999999999999")
    try:
        other.room()
        ivschat.fault("CreateRoom", exception="AccessDeniedException")
        other.room()
        assert len(other.snapshot()["rooms"]) == 2
        assert len(ivschat.snapshot()["rooms"]) == 1
    finally:
        other.reset()


def test_a_snapshot_is_restored(ivschat: Emulator, ivschat_room: Room) -> None:
    snapshot = ivschat.snapshot()
    anna = ivschat.connect(ivschat_room, "anna")
    ivschat.reset()
    assert ivschat.journal() == [] and ivschat.snapshot()["rooms"] == []
    ivschat.restore(snapshot)
    assert anna.wait_closed()
    assert ivschat.sessions(ivschat_room) == []


def test_a_seed_exists_from_the_start_and_after_a_reset(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text("rooms:\n  - {name: lobby, id: RoomNumber01}\n")
    document: Seed = {"rooms": [{"name": "lobby", "id": "RoomNumber01"}]}
    seeds: list[Seed | Path] = [document, tmp_path / "seed.yaml"]
    for seed in seeds:
        with start(seed=seed, account="123456789012", region="eu-west-1") as emulator:
            arn = "arn:aws:ivschat:eu-west-1:123456789012:room/RoomNumber01"
            emulator.sessions(arn)
            emulator.room()
            emulator.reset()
            assert [room["id"] for room in emulator.snapshot()["rooms"]] == ["RoomNumber01"]


def test_a_random_seed_repeats_the_ids() -> None:
    ids = set()
    for _ in range(2):
        with start(random_seed=42) as emulator:
            assert emulator.random_seed == 42
            ids.add(emulator.room().id)
    assert len(ids) == 1


def test_an_emulator_that_runs_already_is_used(ivschat: Emulator) -> None:
    with start(endpoint=ivschat.endpoint + "/", account=ivschat.account) as other:
        room = other.room()
        assert (other.version, other.random_seed) == (ivschat.version, ivschat.random_seed)
    assert room.id in json.dumps(ivschat.snapshot())  # it still runs


def test_with_auth_the_client_signs() -> None:
    with start(args=["--auth", "iam"]) as emulator:
        emulator.connect(emulator.room(), "anna")
        assert len(boto3.client("ivschat", **emulator.client_options()).list_rooms()["rooms"]) == 1
        with pytest.raises(EmulatorError, match="no access key that belongs to the account 123456789012"):
            emulator.for_account("123456789012").room()


def test_with_tls_the_client_needs_no_certificate() -> None:
    with start(args=["--tls", "auto"]) as emulator:
        assert emulator.endpoint.startswith("https://")
        assert emulator.messaging_url.startswith("wss://")
        emulator.connect(emulator.room(), "anna")


def test_bad_values_are_refused_with_their_name(ivschat: Emulator, ivschat_room: Room) -> None:
    with pytest.raises(ValueError, match="A room is given by"):
        ivschat.token("lobby", "anna")
    with pytest.raises(ValueError, match="An account must be a text of 12 digits, but is '1'"):
        ivschat.for_account("1")
    with pytest.raises(ValueError, match="A duration cannot be negative"):
        ivschat.advance(-1)
    with pytest.raises(ValueError, match="A duration is written like"):
        ivschat.advance("an hour")
    with pytest.raises(RefusedError, match="userId"):
        ivschat.token(ivschat_room, "")
    with pytest.raises(RefusedError) as error:
        ivschat.admin("GET", "/clock", acount="1")
    assert "acount" in str(error.value)
