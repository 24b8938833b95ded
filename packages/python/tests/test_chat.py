"""Chat clients, and what they say when something else arrives than a test expects."""

from datetime import timedelta

import pytest

from ivschat_local import Chat, CloseStatus, Emulator, EmulatorError, RefusedError, Room, WaitError


def moderator(ivschat: Emulator, room: Room) -> Chat:
    return ivschat.connect(
        room, "mo", capabilities=["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"]
    )


def test_a_message_reaches_everyone_with_its_sender(ivschat: Emulator, ivschat_room: Room) -> None:
    anna = ivschat.connect(
        ivschat_room, "anna", capabilities=["SEND_MESSAGE"], attributes={"color": "blue"}
    )
    with ivschat.connect(ivschat_room, "ben") as ben:
        request_id = anna.send("héllo 🙂", {"mood": "good"})
        frame = ben.receive()
    assert (frame.type, frame.content, frame.attributes) == ("MESSAGE", "héllo 🙂", {"mood": "good"})
    assert (frame.sender.user_id, frame.sender.attributes) == ("anna", {"color": "blue"})
    assert frame.id and frame.send_time
    assert anna.receive().request_id == request_id


def test_a_moderator_deletes_a_message_and_disconnects_a_user(
    ivschat: Emulator, ivschat_room: Room
) -> None:
    mo = moderator(ivschat, ivschat_room)
    ben = ivschat.connect(ivschat_room, "ben", capabilities="SEND_MESSAGE")
    ben.send("darn")
    mo.delete_message(mo.receive().id, "language")
    deleted = ben.receive(lambda frame: frame.event_name == "aws:DELETE_MESSAGE")
    assert deleted.attributes["Reason"] == "language"
    mo.disconnect_user("ben", "spam")
    assert ben.wait_closed() == CloseStatus(1000, "disconnected")
    with pytest.raises(EmulatorError, match="Nothing can be sent: the connection was closed"):
        ben.send("hello?")


def test_an_action_without_the_capability_is_an_error(
    ivschat: Emulator, ivschat_room: Room
) -> None:
    ben = ivschat.connect(ivschat_room, "ben")
    request_id = ben.send("hello")
    frame = ben.receive()
    assert (frame.type, frame.error_code, frame.request_id) == ("ERROR", 403, request_id)
    assert frame.error_message


def test_a_frame_that_is_not_json_has_only_its_text(ivschat: Emulator, ivschat_room: Room) -> None:
    ivschat.fault("MESSAGE", frame="corrupt", times=1)
    anna = ivschat.connect(ivschat_room, "anna", capabilities=["SEND_MESSAGE"])
    anna.send("hello")
    frame = anna.receive()
    assert frame.type == "" and frame.raw.startswith("{")


def test_receive_says_what_arrived_instead(ivschat: Emulator, ivschat_room: Room) -> None:
    anna = ivschat.connect(ivschat_room, "anna", capabilities=["SEND_MESSAGE"])
    anna.send("hello")
    ivschat.wait_for_frames(ivschat_room)
    with pytest.raises(WaitError) as error:
        anna.receive(lambda frame: frame.content == "goodbye", timeout="1s")
    assert "No matching frame was received in 1 s, and the connection is open." in str(error.value)
    assert '"Content":"hello"' in str(error.value).replace(" ", "")


def test_receive_says_how_the_connection_has_ended(ivschat: Emulator, ivschat_room: Room) -> None:
    anna = ivschat.connect(ivschat_room, "anna")
    ivschat.advance("61m")
    assert anna.receive().error_code == 401
    with pytest.raises(WaitError, match="No frame was received: the connection has ended without a close frame."):
        anna.receive()
    assert anna.closed == anna.wait_closed()


def test_receive_nothing_fails_if_a_frame_arrives(ivschat: Emulator, ivschat_room: Room) -> None:
    anna = ivschat.connect(ivschat_room, "anna", capabilities=["SEND_MESSAGE"])
    anna.receive_nothing(timedelta(milliseconds=10))
    anna.send("hello")
    with pytest.raises(WaitError, match="Nothing should have been received for 10 s.*\nreceived:"):
        anna.receive_nothing("10s")
    assert anna.receive().content == "hello"


def test_wait_closed_fails_while_the_connection_is_open(
    ivschat: Emulator, ivschat_room: Room
) -> None:
    anna = ivschat.connect(ivschat_room, "anna")
    assert anna.closed is None
    with pytest.raises(WaitError, match="The connection is still open after 0.01 s."):
        anna.wait_closed(timeout=0.01)
    assert anna.close().code == 1000
    anna.drop()  # does nothing any more


def test_a_dropped_connection_ends_without_a_close_frame(
    ivschat: Emulator, ivschat_room: Room
) -> None:
    anna = ivschat.connect(ivschat_room, "anna")
    anna.drop()
    assert anna.wait_closed().code == 1006
    ivschat.wait_for_sessions(ivschat_room, 0)


def test_a_refused_handshake_has_its_status(ivschat: Emulator, ivschat_room: Room) -> None:
    token = ivschat.token(ivschat_room, "anna")
    ivschat.connect_with_token(token)
    with pytest.raises(RefusedError, match="The handshake was refused with 401") as error:
        ivschat.connect_with_token(token)
    assert error.value.status == 401


def test_a_reset_handshake_is_an_error(ivschat: Emulator, ivschat_room: Room) -> None:
    ivschat.fault("CONNECT", reset=True, times=1)
    with pytest.raises(EmulatorError, match="No connection to ws://"):
        ivschat.connect(ivschat_room, "anna")
