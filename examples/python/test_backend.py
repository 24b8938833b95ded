import json
import threading
from datetime import datetime
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from backend import Backend


@pytest.fixture
def post(ivschat):
    """A function that sends a request to the back end, and returns the status and the answer."""
    chat = boto3.client("ivschat", **ivschat.client_options())
    backend = Backend(("127.0.0.1", 0), chat, ivschat.messaging_url, moderators=["mia"])

    def send(path, **request):
        try:
            url = f"http://127.0.0.1:{backend.server_port}{path}"
            with urlopen(url, json.dumps(request).encode()) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    with backend:
        serving = threading.Thread(target=backend.serve_forever, args=[0.01])
        serving.start()
        yield send
        backend.shutdown()
        serving.join()


@pytest.fixture
def join(post, ivschat, ivschat_room):
    """A function that lets a user join and connect."""

    def connect(user):
        status, invitation = post("/join", room=ivschat_room.arn, user=user)
        assert status == 200
        assert invitation["messagingUrl"] == ivschat.messaging_url
        return ivschat.connect_with_token(invitation["token"])

    return connect


def test_only_moderators_delete_messages(join):
    anna, mia = join("anna"), join("mia")
    anna.send("hello")
    message = anna.receive()
    anna.delete_message(message.id, "I regret it")
    assert anna.receive().error_code == 403
    mia.delete_message(message.id, "Off topic")
    assert anna.receive().event_name == "aws:DELETE_MESSAGE"


def test_the_back_end_asks_for_the_capabilities_of_a_user(join, ivschat):
    join("mia")
    capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"]
    assert ivschat.wait_for_calls("CreateChatToken", 1, {"capabilities": capabilities})


def test_a_user_joins_again_after_the_session_has_expired(post, ivschat, ivschat_room):
    _, first = post("/join", room=ivschat_room.arn, user="anna")
    anna = ivschat.connect_with_token(first["token"])
    ivschat.advance("61m")  # takes no time
    assert anna.receive().error_code == 401
    anna.wait_closed()

    _, second = post("/join", room=ivschat_room.arn, user="anna")
    assert datetime.fromisoformat(second["expires"]) > datetime.fromisoformat(first["expires"])
    ivschat.connect_with_token(second["token"])


def test_the_sdk_tries_again_when_it_is_throttled(join, ivschat):
    ivschat.fault("CreateChatToken", times=2, exception="ThrottlingException")
    join("anna")
    calls = ivschat.wait_for_calls("CreateChatToken", 3)
    assert [call["status"] for call in calls] == [429, 429, 200]


def test_a_kicked_user_is_disconnected(join, post, ivschat_room):
    anna = join("anna")
    assert post("/kick", room=ivschat_room.arn, user="anna") == (204, None)
    anna.wait_closed()


def test_everybody_receives_an_announcement(join, post, ivschat_room):
    anna = join("anna")
    post("/announce", room=ivschat_room.arn, text="We close in ten minutes")
    event = anna.receive()
    assert event.event_name == "announcement"
    assert event.attributes == {"text": "We close in ten minutes"}


@pytest.mark.parametrize(
    ("path", "request_", "status"),
    [
        ("/join", {"room": "arn:aws:ivschat:us-east-1:123456789012:room/NoSuchRoom12", "user": "anna"}, 404),
        ("/join", {"room": "lobby", "user": "anna"}, 400),
        ("/join", {"user": "anna"}, 400),
        ("/join", {"room": None, "user": "anna"}, 400),
        ("/kick", {"room": "arn:aws:ivschat:us-east-1:123456789012:room/NoSuchRoom12", "user": 5}, 400),
        ("/leave", {}, 404),
    ],
)
def test_what_is_wrong_has_a_status(post, path, request_, status):
    assert post(path, **request_)[0] == status


def test_a_chat_that_fails_is_a_bad_gateway(post, ivschat, ivschat_room):
    ivschat.fault("SendEvent", exception="AccessDeniedException")
    assert post("/announce", room=ivschat_room.arn, text="hello")[0] == 502
