"""Teams' activities: who asks and where, what they said, pressed or sent; and what can't be read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams import parse, render
from core.cards.model import Button, Buttons, Card, Field, Form, Option
from core.conversation import Press, Submission

TENANT = "11111111-2222-3333-4444-555555555555"
PERSON = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
CHANNEL = "19:abc@thread.tacv2"


def activity(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "message",
        "id": "1700000000001",
        "from": {"id": "29:x", "aadObjectId": PERSON, "name": "Amira Khan"},
        "recipient": {"id": "28:bot", "name": "Escalate"},
        "conversation": {"id": CHANNEL, "conversationType": "channel", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
    }
    return {key: part for key, part in (made | changes).items() if part is not None}


def in_conversation(id: str, kind: str | None) -> dict[str, Any]:
    return activity(conversation={"id": id, "conversationType": kind, "tenantId": TENANT})


def test_a_person_is_a_tenant_and_an_object_and_their_name_is_nothing() -> None:
    asker = parse.asker(activity())
    assert asker.account == f"teams:{TENANT}/{PERSON}"
    assert asker.delivery == "1700000000001"


@pytest.mark.parametrize("channel_data", [None, {}, {"tenant": {}}, {"tenant": None}, "words"])
def test_the_conversation_names_the_tenant_where_the_channel_does_not(channel_data: Any) -> None:
    assert parse.asker(activity(channelData=channel_data)).account == f"teams:{TENANT}/{PERSON}"


@pytest.mark.parametrize(
    ("id", "kind", "room"),
    [
        (CHANNEL, "channel", CHANNEL),
        (f"{CHANNEL};messageid=1700000000001", "channel", CHANNEL),
        ("19:group@thread.v2", "groupChat", "19:group@thread.v2"),
        ("19:group@thread.v2", None, "19:group@thread.v2"),
        ("a:1personal", "personal", ""),
        ("a:1personal", None, ""),
        ("19:a_b@unq.gbl.spaces", "groupChat", ""),
    ],
)
def test_a_room_is_a_channel_or_a_group_chat_and_never_a_thread(id: str, kind: str | None, room: str) -> None:
    assert parse.asker(in_conversation(id, kind)).room == (f"teams:{TENANT}/{room}" if room else "")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"from": None}, "from"),
        ({"from": "words"}, "from"),
        ({"from": {"id": "29:x"}}, "from.aadObjectId"),
        ({"from": {"aadObjectId": 7}}, "from.aadObjectId"),
        ({"from": {"aadObjectId": "../x"}}, "from.aadObjectId"),
        ({"from": {"aadObjectId": "x" * 65}}, "from.aadObjectId"),
        ({"conversation": None}, "conversation"),
        ({"conversation": []}, "conversation"),
        ({"conversation": {"tenantId": TENANT}}, "conversation.id"),
        ({"conversation": {"tenantId": TENANT, "id": "a b"}}, "conversation.id"),
        ({"conversation": {"tenantId": TENANT, "id": "x" * 401}}, "conversation.id"),
        ({"conversation": {"id": CHANNEL}, "channelData": None}, "conversation.tenantId"),
        ({"channelData": {"tenant": {"id": "a/b"}}}, "channelData.tenant.id"),
    ],
)
def test_what_teams_always_sends_is_named_where_it_is_missing(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(parse.UnreadableError, match=f"^{key}$"):
        parse.asker(activity(**changes))


def test_one_invoke_delivered_twice_is_one_delivery() -> None:
    invoke = activity(type="invoke", id="f:1", value={"action": {"data": {"press": "a::"}}}, timestamp="1")
    again = invoke | {"timestamp": "2"}
    assert parse.asker(invoke).delivery == parse.asker(again).delivery


@pytest.mark.parametrize("change", [{"id": "f:2"}, {"value": {"press": "b::"}}, {"replyToId": "9"}])
def test_another_invoke_is_another_delivery(change: dict[str, Any]) -> None:
    invoke = activity(type="invoke", id="f:1", value={"press": "a::"})
    assert parse.asker(invoke).delivery != parse.asker(invoke | change).delivery


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<at>Escalate</at> list overdue", "list overdue"),
        ("<at>Escalate</at>&nbsp;show HF-2026-0001\n", "show HF-2026-0001"),
        ("/escalate list", "list"),
        ("Escalate: list", "list"),
        ("escalate", ""),
        ("<at>Escalate</at> /escalate new", "new"),
        ("escalated it", "escalated it"),
        ("note HF-1 a &lt; b &amp; c", "note HF-1 a < b & c"),
        ("note HF-1 &lt;at&gt;x&lt;/at&gt;", "note HF-1 <at>x</at>"),
        ("<at>Escalate</at> note HF-1 told <at>Ben Osei</at> today", "note HF-1 told  Ben Osei  today"),
        ('<at id="0">Escalate</at> help', "help"),
        ("list\u00a0all", "list all"),
        (None, ""),
    ],
)
def test_words_are_what_was_said_to_the_bot(text: str | None, words: str) -> None:
    own = {"type": "mention", "text": "<at>Escalate</at>", "mentioned": {"id": "28:bot", "name": "Escalate"}}
    other = {"type": "mention", "text": "<at>Ben Osei</at>", "mentioned": {"id": "29:ben"}}
    assert parse.words(activity(text=text, entities=[other, own, "odd", {"mentioned": 7}])) == words


def test_text_that_is_no_text_cannot_be_read() -> None:
    with pytest.raises(parse.UnreadableError, match="text"):
        parse.words(activity(text=["list"]))


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda data: data,
        lambda data: {"data": data},
        lambda data: {"data": {"type": "task/fetch", "data": data}},
        lambda data: {
            "action": {"type": "Action.Execute", "verb": "open", "data": data},
            "trigger": "manual",
        },
    ],
)
def test_a_press_is_found_however_it_is_wrapped(wrapped: Any) -> None:
    card = Card(summary="s", parts=(Buttons(buttons=(Button(label="Open", verb="open", escalation="e1"),)),))
    data = render.card_content(card)["body"][0]["actions"][0]["data"]
    assert parse.press(wrapped(data)) == Press("open", "e1", "")


@pytest.mark.parametrize(
    "value", [None, "words", [], {}, {"data": None}, {"press": 7}, {"action": {"data": 7}}]
)
def test_what_is_no_press_is_none(value: Any) -> None:
    assert parse.press(value) is None


def test_a_form_comes_back_as_it_was_filled_in() -> None:
    people = tuple(Option(value=value, label=value) for value in ("a", "b", "c"))
    form = Form(
        kind="tell",
        title="Tell it",
        submit="Send",
        carry={"case": "e1"},
        parts=(
            Field(id="submit", label="Why?", entry="long"),
            Field(id="who", label="Who?", entry="choices", options=people),
            Field(id="one", label="One?", entry="choice", options=people),
            Field(id="day", label="When?", entry="day", optional=True),
        ),
    )
    [send] = render.dialog(form)["card"]["content"]["actions"]
    typed = {"field_submit": "one,\r\ntwo", "field_who": "a,c", "field_one": "b", "field_day": ""}
    values = {"submit": ("one,\ntwo",), "who": ("a", "c"), "one": ("b",), "day": ()}
    assert parse.submission({"data": {**send["data"], **typed, "stray": "x"}}, "") == Submission(
        "tell", {"case": "e1"}, values
    )


@pytest.mark.parametrize("carried", ["teams:other/19:theirs@thread.tacv2", "teams:t1/u2", "slack:T1/C1", ""])
def test_a_case_is_shown_only_in_the_room_that_its_form_was_sent_from(carried: str) -> None:
    sent, here = (
        {"submit": "raise.who", "carry": {"room": carried, "case": "e1"}},
        "teams:t1/19:ours@thread.tacv2",
    )
    assert parse.submission(sent, here).carry == {"case": "e1"}
    sent["carry"] = {"room": here}
    assert parse.submission(sent, here).carry == {"room": here}


@pytest.mark.parametrize("value", [None, {}, {"data": {"press": "a::"}}, {"submit": ""}, {"submit": 7}])
def test_a_form_without_a_kind_cannot_be_read(value: Any) -> None:
    with pytest.raises(parse.UnreadableError, match=r"value\.submit"):
        parse.submission(value, "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "action", "press", "submit", "carry", "field_a", "several", "id"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_whatever_comes_is_read_or_named_unreadable(one: Any, other: Any) -> None:
    odd = activity(type="invoke", value=one, text=other, channelData=other, entities=one, conversation=other)
    parse.press(one)
    with suppress(parse.UnreadableError):
        parse.submission(one, "")
    with suppress(parse.UnreadableError):
        parse.words(odd)
    with pytest.raises(parse.UnreadableError):
        parse.asker(odd)
