"""The types have what the emulator's OpenAPI document has."""

import json
from pathlib import Path
from typing import Any, get_args

from ivschat_local import types

DOCUMENT = Path(__file__).parents[3] / "emulator/admin/openapi.json"
API: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
SCHEMAS = API["components"]["schemas"]


def members(kind: Any) -> set[str]:
    return set(kind.__annotations__)


def test_a_fault_has_all_members() -> None:
    assert members(types.ActiveFault) == set(SCHEMAS["Fault"]["properties"])


def test_a_scripted_answer_has_all_members() -> None:
    properties = SCHEMAS["ScriptedAnswer"]["properties"]
    assert members(types.ScriptedAnswer) == set(properties) - {"used"}
    assert members(types.Allow) == set(properties["allow"]["properties"])
    assert members(types.Deny) == set(properties["deny"]["properties"])


def test_the_members_of_entries_exist() -> None:
    properties = SCHEMAS["Entry"]["properties"]
    for kind in (types.Entry, types.Call, types.FrameEntry, types.Review):
        assert members(kind) <= set(properties)
    assert members(types.Verdict) <= set(properties["review"]["properties"])
    assert set(get_args(types.EntryKind)) == set(properties["kind"]["enum"])


def test_sessions_and_tokens_have_the_members() -> None:
    session = SCHEMAS["Room"]["properties"]["sessions"]["items"]
    assert members(types.Session) == set(session["required"])
    token = API["paths"]["/tokens/inspect"]["post"]["responses"]["200"]
    schema = token["content"]["application/json"]["schema"]
    assert set(schema["required"]) <= members(types.TokenContent) <= set(schema["properties"])
    assert members(types.Clock) == set(SCHEMAS["Clock"]["required"])


def test_all_places_of_faults_are_there() -> None:
    places = SCHEMAS["Fault"]["properties"]["operation"]["enum"]
    operations, others = map(get_args, get_args(types.FaultPoint))
    assert sorted([*operations, *others]) == sorted(places)
    assert get_args(types.Operation) == operations
