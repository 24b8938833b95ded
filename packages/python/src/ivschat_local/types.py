"""The types of the arguments and answers of the test client, for type checkers.

The members of rules, scripted answers and entries are named as in the emulator's admin API, and those of
rooms as in AWS's API and boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict, Union

Capability = Literal["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"]
"""A capability of a chat token. Without one, a user can only read."""

Capabilities = Union[Capability, Sequence[Capability]]

Operation = Literal[
    "CreateChatToken", "CreateLoggingConfiguration", "CreateRoom", "DeleteLoggingConfiguration",
    "DeleteMessage", "DeleteRoom", "DisconnectUser", "GetLoggingConfiguration", "GetRoom",
    "ListLoggingConfigurations", "ListRooms", "ListTagsForResource", "SendEvent", "TagResource",
    "UntagResource", "UpdateLoggingConfiguration", "UpdateRoom",
]
"""An operation of AWS's API."""

FaultPoint = Union[
    Operation,
    Literal[
        "CONNECT", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER", "MESSAGE", "EVENT", "ERROR",
        "REVIEW",
    ],
]
"""Where a fault fires: an operation, CONNECT for the handshake, an action of a client, a frame to a
client, or REVIEW."""

EntryKind = Literal[
    "call", "frame", "handshake", "connect", "disconnect", "fault", "review", "delivery"
]


class InvalidMember(TypedDict, total=False):
    """A member of the fieldList of a ValidationException."""

    name: str
    message: str


class FaultMembers(TypedDict, total=False):
    """What a fault can have beside its operation: docs/faults.md describes the members."""

    account: str
    room: str
    userId: str
    capability: Capability
    times: int
    every: int
    probability: float
    seed: int
    exception: str
    status: int
    error: int
    close: int
    reset: Literal[True]
    silence: Literal[True]
    frame: Literal["drop", "duplicate", "reorder", "corrupt"]
    fail: Literal[True]
    delay: str
    message: str
    resourceId: str
    limit: int
    reason: str
    fieldList: Sequence[InvalidMember]
    body: str
    contentType: str
    bare: bool


class ActiveFault(FaultMembers):
    """A fault that the emulator has. fired says how many times it has fired."""

    id: int
    operation: FaultPoint
    fired: int


class Allow(TypedDict, total=False):
    """A message is delivered, with its own content and attributes unless these are given."""

    content: str
    attributes: Mapping[str, str]


class Deny(TypedDict, total=False):
    """A message is not delivered."""

    reason: str


class ScriptedAnswer(TypedDict, total=False):
    """What is answered in place of a message review handler: exactly one of allow, deny, answer and
    error, also after a delay such as "50ms". The other members say for which messages."""

    account: str
    room: str
    userId: str
    content: str
    times: int
    allow: Allow
    deny: Deny
    answer: Any
    error: str
    delay: str


class ReviewSender(TypedDict):
    """Who has sent the message of a ReviewEvent."""

    UserId: str
    Attributes: dict[str, str]
    Ip: str


class ReviewEvent(TypedDict):
    """What a message review handler gets, which is what AWS passes to a Lambda function."""

    Content: str
    MessageId: str
    RoomArn: str
    Attributes: dict[str, str] | None
    Sender: ReviewSender


class _RequiredReviewAnswer(TypedDict):
    ReviewResult: Literal["ALLOW", "DENY"]


class ReviewAnswer(_RequiredReviewAnswer, total=False):
    """What a message review handler answers. With DENY, the sender is told Attributes["Reason"]."""

    Content: str
    Attributes: Mapping[str, str]


ReviewHandler = Callable[[ReviewEvent], ReviewAnswer]
"""A function that reviews messages. If it raises an error, the fallbackResult of the room decides."""


class MessageReviewHandler(TypedDict, total=False):
    """The message review handler of a room."""

    uri: str
    fallbackResult: Literal["ALLOW", "DENY"]


class RoomMembers(TypedDict, total=False):
    """What CreateRoom takes."""

    name: str
    maximumMessageLength: int
    maximumMessageRatePerSecond: int
    messageReviewHandler: MessageReviewHandler
    loggingConfigurationIdentifiers: Sequence[str]
    tags: Mapping[str, str]


class Clock(TypedDict):
    """The emulator's clock: its time now, and how far it is ahead of the machine's time."""

    now: str
    ahead: str
    scale: float
    frozen: bool


class Session(TypedDict):
    """An open session of a chat client."""

    id: int
    userId: str
    clientIp: str
    capabilities: list[str]
    attributes: dict[str, str]
    connectTime: str
    sessionExpirationTime: str
    framesIn: int
    framesOut: int
    queued: int


class TokenContent(TypedDict):
    """What a chat token contains."""

    room: str
    userId: str
    capabilities: list[str]
    attributes: dict[str, str]
    issueTime: str
    tokenExpirationTime: str
    sessionExpirationTime: str
    used: bool
    expired: bool


class _AnyEntry(TypedDict):
    id: int
    time: str
    kind: EntryKind
    account: str
    region: str


class Entry(_AnyEntry, total=False):
    """An entry of the journal. The members that it has depend on its kind."""

    room: str
    userId: str
    direction: Literal["in", "out"]
    frame: Any
    text: str
    operation: str
    recipients: int
    status: int
    requestId: str
    durationNanoseconds: int
    exception: str
    request: Any
    response: Any
    review: Verdict
    reason: str
    rule: int


class Call(_AnyEntry):
    """A call of an operation in the journal.

    request has the members of its body, path and query, and response the body of the answer. Chat
    tokens in them are replaced by ***. A request or response of more than 16 KiB is absent.
    """

    operation: Operation
    status: int
    request: Any
    response: Any


class FrameEntry(_AnyEntry):
    """A frame in the journal, decoded from JSON. direction is out if it was sent to clients."""

    room: str
    direction: Literal["in", "out"]
    frame: Any


class _RequiredVerdict(TypedDict):
    uri: str
    verdict: Literal["ALLOW", "DENY"]
    decidedBy: Literal["handler", "fallback", "fault"]


class Verdict(_RequiredVerdict, total=False):
    """How the review of a message has ended. failure says why the handler did not decide."""

    failure: Literal["no target", "not invoked", "function error", "timeout", "invalid answer"]


class Review(_AnyEntry):
    """The review of a message in the journal: request is the event, and response the answer."""

    room: str
    request: Any
    response: Any
    review: Verdict


class Snapshot(TypedDict):
    """A document with all rooms, logging configurations and tags."""

    version: int
    rooms: list[dict[str, Any]]
    loggingConfigurations: list[dict[str, Any]]


class Seed(TypedDict, total=False):
    """A document like a Snapshot, in which almost everything can be left out."""

    rooms: Sequence[Mapping[str, Any]]
    loggingConfigurations: Sequence[Mapping[str, Any]]
