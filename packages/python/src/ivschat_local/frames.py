"""What a chat client receives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sender:
    """The user who sent a message, as in the chat token."""

    user_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """A frame from the service. Members that it does not have are empty.

    type is MESSAGE, EVENT or ERROR. It is "" for a frame that is not JSON, for instance because of a
    fault with frame="corrupt".
    """

    raw: str
    """The text of the frame."""
    type: str = ""
    id: str = ""
    request_id: str = ""
    """The RequestId that the client gave to the action."""
    content: str = ""
    """Of a MESSAGE."""
    sender: Sender = Sender()
    """Of a MESSAGE."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Of a MESSAGE or an EVENT."""
    send_time: str = ""
    """Of a MESSAGE or an EVENT: a time in ISO 8601, of the emulator's clock."""
    event_name: str = ""
    """Of an EVENT: such as aws:DELETE_MESSAGE, or a name that a back end gave to SendEvent."""
    error_code: int = 0
    """Of an ERROR: such as 403, 406 or 429."""
    error_message: str = ""
    """Of an ERROR."""


def parse_frame(raw: str) -> Frame:
    """Returns the frame with this text."""
    try:
        members = json.loads(raw)
    except ValueError:
        return Frame(raw)
    sender = members.get("Sender") or {} if isinstance(members, dict) else None
    if not isinstance(sender, dict):
        return Frame(raw)
    return Frame(
        raw=raw,
        type=members.get("Type", ""),
        id=members.get("Id", ""),
        request_id=members.get("RequestId", ""),
        content=members.get("Content", ""),
        sender=Sender(sender.get("UserId", ""), sender.get("Attributes") or {}),
        attributes=members.get("Attributes") or {},
        send_time=members.get("SendTime", ""),
        event_name=members.get("EventName", ""),
        error_code=members.get("ErrorCode", 0),
        error_message=members.get("ErrorMessage", ""),
    )
