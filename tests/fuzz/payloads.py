"""What Slack, Teams and the page really send, as recorded, with this board's people and cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from adapters.teams.fields import PREFIX
from core.forms import FORMS
from core.verbs import VERBS
from tests.bot.made import TOLD

Json = dict[str, Any]
TYPED: Mapping[str, str] = {
    **{name: values[0] for name, values in TOLD.items()},
    "words": "She phoned the ward.",
    "own_side": "no",
    "in_danger": "no",
    "elsewhere": "none",
    "reason": "We still don't agree.",
    "new_name": "Pat Invented",
    "new_email": "pat@example.org",
    "named": "nobody",
    "due": "2026-12-01",
    "answer_by": "2026-12-01",
    "what_1": "Ring the ward",
    "owner_1": "nobody",
    "due_1": "2026-12-01",
}


def carried(cases: tuple[str, ...]) -> list[Json]:
    own: list[Json] = [{"case": case, "form_id": f"f{number}"} for number, case in enumerate(cases)]
    told = {"other_agency": "northmoor", "category": "concern-or-enquiry", "in_danger": "no"}
    return [*own, {"form_id": "f9", "in_danger": "no", "elsewhere": "none"}, {"form_id": "f8", **told}]


@cache
def fragments(cases: tuple[str, ...]) -> list[str]:
    """Words that mean something to us, to be put where they don't belong."""
    presses = [f"{verb}:{case}:{subject}" for verb in VERBS for case in cases for subject in ("", "x")]
    people = ["UAMIRA", "UBEN", "UKAI", "UNOBODY", "T0001", "C0001", "D0001", "amira", "ben"]
    return [*presses, *people, *FORMS, *cases, "HF-2026-0001", "note HF-2026-0001 Phoned", "list all", "help"]


@cache
def slack(cases: tuple[str, ...]) -> list[Json]:
    """Interactions and events; a command is a form of its own (`slack_commands`)."""
    common = {
        "user": {"id": "UAMIRA", "username": "amira", "name": "amira", "team_id": "T0001"},
        "team": {"id": "T0001", "domain": "stand-in"},
        "api_app_id": "A0001",
        "token": "t",
        "trigger_id": "1.2.3",
        "is_enterprise_install": False,
        "enterprise": None,
    }
    message = {"type": "message", "ts": "1.1", "thread_ts": "1.0", "text": "HF-2026-0001", "blocks": []}
    on_message = {
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0001", "is_ephemeral": False},
        "channel": {"id": "C0001", "name": "riverbank"},
        "message": message,
        "response_url": "",
        "state": {"values": {}},
    }
    pressed = [
        common | on_message | {"type": "block_actions", "actions": [_button(f"{verb}:{case}:")]}
        for verb in VERBS
        for case in cases
    ]
    sent = [common | _submitted(kind, carry) for kind in FORMS for carry in carried(cases)]
    view = _submitted("note", carried(cases)[0])["view"]
    in_view = {"type": "block_actions", "container": {"type": "view", "view_id": "V1"}, "view": view}
    home = {
        "container": {"type": "view", "view_id": "V2"},
        "view": {"id": "V2", "type": "home", "blocks": []},
    }
    others: list[Json] = [
        in_view | {"actions": [_button(f"open:{cases[0]}:")]},
        in_view | home | {"actions": [_button("new::")]},
        in_view | {"actions": [{"type": "checkboxes", "action_id": "a", "selected_options": []}]},
        on_message | {"type": "message_action", "callback_id": "escalate_from_message"},
        {"type": "shortcut", "callback_id": "escalate"},
        {"type": "view_closed", "view": view, "is_cleared": False},
        {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "x"},
        {"type": "event_callback", "event": {"type": "app_home_opened", "user": "UAMIRA", "channel": "D1"}},
        {"type": "url_verification", "challenge": "c"},
    ]
    return [*pressed, *sent, *(common | one for one in others)]


def slack_commands() -> list[dict[str, str]]:
    said = {"command": "/escalate", "team_id": "T0001", "user_id": "UAMIRA", "channel_id": "C0001"}
    more = {"trigger_id": "1.2.3", "response_url": "", "enterprise_id": "", "is_enterprise_install": "false"}
    words = ("", "list", "list overdue", "show HF-2026-0001", "note HF-2026-0001 Phoned the ward.", "help")
    return [*(said | more | {"text": text} for text in words), {"ssl_check": "1", "token": "t"}]


def _button(value: str) -> Json:
    text = {"type": "plain_text", "text": "Open"}
    return {"type": "button", "action_id": "a", "block_id": "b", "value": value, "text": text}


def _submitted(kind: str, carry: Json) -> Json:
    entries = {f"{kind}//{name}": {name: _entered(name, words)} for name, words in TYPED.items()}
    blocks = [
        {"type": "input", "block_id": block, "element": {"type": "plain_text_input"}} for block in entries
    ]
    view = {
        "id": "V1",
        "hash": "h",
        "type": "modal",
        "callback_id": kind,
        "private_metadata": json.dumps({"kind": kind, "carry": carry}),
        "state": {"values": entries},
        "blocks": blocks,
    }
    return {"type": "view_submission", "view": view, "response_urls": []}


def _entered(name: str, words: str) -> Json:
    if name in {"in_danger", "elsewhere", "category", "own_side"}:
        return {"type": "radio_buttons", "selected_option": {"value": words, "text": {"type": "plain_text"}}}
    if name.startswith(("due", "answer_by")):
        return {"type": "datepicker", "selected_date": words}
    if name in {"named", "alleged_harm"}:
        return {"type": "checkboxes", "selected_options": [{"value": words}]}
    return {"type": "plain_text_input", "value": words}


def teams(base: Json, cases: tuple[str, ...]) -> list[Json]:
    """`base`: what all activities have. Messages, invokes of each kind, coming and going."""
    invoke = base | {"type": "invoke"}
    payload = {"id": "17", "replyToId": "16", "body": {"contentType": "html", "content": "<p>He fell.</p>"}}
    chosen = {"commandId": "escalate", "commandContext": "message", "messagePayload": payload}
    presses = [
        invoke | told
        for verb in VERBS
        for case in cases
        for told in (
            {
                "name": "adaptiveCard/action",
                "value": {"action": {"type": "Action.Execute", "data": {"press": f"{verb}:{case}:"}}},
            },
            {"name": "task/fetch", "value": {"data": {"press": f"{verb}:{case}:"}}},
        )
    ]
    filled = {PREFIX + name: words for name, words in TYPED.items()}
    sent = [
        invoke
        | {"name": name, "value": {"data": {"submit": kind, "carry": carry, "several": "named", **filled}}}
        for kind in FORMS
        for carry in carried(cases)
        for name in ("task/submit", "composeExtension/submitAction")
    ]
    said = [
        base | {"type": "message", "text": text, "textFormat": "plain"}
        for text in (
            "list",
            "<at>Escalate</at> show HF-2026-0001",
            "note HF-2026-0001 Phoned",
            "/escalate help",
        )
    ]
    bot = [{"id": base["recipient"]["id"]}]
    return [
        *presses,
        *sent,
        *said,
        base | {"type": "message", "value": {"press": "new::"}},
        invoke | {"name": "composeExtension/fetchTask", "value": chosen},
        invoke | {"name": "composeExtension/fetchTask", "value": chosen | {"commandId": "addToRecord"}},
        invoke | {"name": "composeExtension/query", "value": {"queryText": "x"}},
        base | {"type": "installationUpdate", "action": "add"},
        base | {"type": "conversationUpdate", "membersAdded": bot},
        base | {"type": "conversationUpdate", "channelData": {"eventType": "channelDeleted"}},
        base | {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        base | {"type": "typing"},
    ]


@cache
def page(cases: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    """The address, and the pairs of the form; time isn't moved."""
    common = {"as": "amira", "token": "T" * 24, "where": "direct"}
    said = [common | {"words": words} for words in ("list", "show HF-2026-0001", "note HF-2026-0001 Phoned")]
    pressed = [common | {"verb": verb, "escalation": case, "object": ""} for verb in VERBS for case in cases]
    filled = {f"field.{name}": words for name, words in TYPED.items()}
    sent = [
        common | filled | {"kind": kind} | {f"carry.{key}": value for key, value in carry.items()}
        for kind in FORMS
        for carry in carried(cases)
    ]
    chores = [
        common | {"do": do, "message": "1", "answer": "1"}
        for do in ("aside", "keep", "carry_on", "throw_away", "look", "dismiss")
    ]
    return [
        *(("/say", pairs) for pairs in said),
        *(("/press", pairs) for pairs in pressed),
        *(("/submit", pairs) for pairs in sent),
        *(("/desk", pairs) for pairs in chores),
        ("/clock", common | {"move": "yesterday"}),
    ]
