"""Whatever is sent: 4xx, or 200 with words on what to do; never 5xx, a traceback, or a word in the log."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from core.forms import FORMS
from core.verbs import VERBS
from storage.database import Database
from storage.schema import migrate
from storage.sealing import Sealing
from tests.bot.made import KEY, TOLD
from tests.bot.served import TYPED, Answered, Served, serve, token
from tests.postgres import Server
from tests.slack_workspace import signed_headers

APOLOGY = "(code "  # what is said where something of ours went wrong
MEGABYTE = 1024 * 1024
Send = Callable[[Served], Awaitable[Answered]]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path) as running:
        yield running


def taken_well(served: Served, answered: Answered, *, statuses: Iterable[int] = (200, 400, 413, 415)) -> None:
    assert answered.status in statuses, answered
    assert APOLOGY not in answered.words, served.log.errors
    assert "Traceback" not in answered.words
    assert served.log.errors == []
    assert not [line for line in served.log.lines if TYPED in line]


SIGNED_WRONGLY = {
    "unsigned": lambda body: {"Content-Type": "application/x-www-form-urlencoded"},
    "stale": lambda body: signed_headers(body, moment=time.time() - 400),
    "from the future": lambda body: signed_headers(body, moment=time.time() + 400),
    "with another secret": lambda body: signed_headers(body, secret="another"),
    "for another body": lambda body: signed_headers(body + "x"),
    "at a time that is none": lambda body: signed_headers(body) | {"X-Slack-Request-Timestamp": "noon"},
    "with a signature that is none": lambda body: signed_headers(body) | {"X-Slack-Signature": "v0="},
}


@pytest.mark.parametrize("headers", SIGNED_WRONGLY.values(), ids=SIGNED_WRONGLY.keys())
async def test_what_slack_did_not_sign_is_refused(
    served: Served, headers: Callable[[str], dict[str, str]]
) -> None:
    body = urlencode({"command": "/escalate", "text": f"note HF-2026-0001 {TYPED}"})
    taken_well(served, await served.slack(body, headers(body)), statuses=(401,))


def form(**said: str) -> str:
    return urlencode(said)


BODIES: dict[str, str | bytes] = {
    "empty": "",
    "broken JSON": form(payload='{"type": "block_actions", ' + TYPED),
    "JSON that is no object": form(payload=f'["{TYPED}"]'),
    "JSON without a type": form(payload=json.dumps({"words": TYPED})),
    "JSON nested too deeply": form(payload='{"type":' + "[" * 50_000),
    "a type that there is not": form(payload=json.dumps({"type": TYPED})),
    "a lone surrogate": form(payload='{"type": "view_submission", "x": "\\ud800' + TYPED + '"}'),
    "one megabyte": "command=%2Fescalate&text=" + TYPED * (MEGABYTE // len(TYPED)),
    "no text at all": b"\xff\xfe" + TYPED.encode(),
    "a command without anybody": form(command="/escalate", text=TYPED),
    "an interaction without anybody": form(payload=json.dumps({"type": "block_actions"})),
    "a form without its view": form(payload=json.dumps({"type": "view_submission", "user": {"id": "U"}})),
    "an unknown command": form(command=f"/{TYPED}", text="", team_id="T0001", user_id="UAMIRA"),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_cannot_be_used_is_refused(served: Served, body: str | bytes) -> None:
    taken_well(served, await served.slack(body), statuses=(400, 413, 401))


SAID = [
    TYPED,
    f"note {TYPED}",
    "note HF-2026-0001",
    f"note HF-2026-9999 {TYPED}",
    f"note HF-2026-0002 {TYPED}",
    f"show {TYPED}",
    "show HF-2026-0002",
    f"list {TYPED}",
    f"note HF-2026-0001 {TYPED} \x00\x01 \ufffe \u202e <!channel> <@U1> *x* `y`",
    f"note HF-2026-0001 {TYPED * 400}",
    "note HF-2026-0001 \x00",
    f"NOTE hf-2026-0001 {TYPED}",
    f"link {TYPED}",
    f"board\n{TYPED}",
]


@pytest.mark.parametrize("words", SAID, ids=[f"{words[:24]!a}" for words in SAID])
async def test_whatever_is_said_is_answered_in_words(served: Served, words: str) -> None:
    answered = await served.command(words)
    taken_well(served, answered, statuses=(200,))
    assert "text" in answered.words


VALUES = [
    TYPED,
    "",
    ":::::",
    "open:",
    f"open:{TYPED}:",
    f"{TYPED}:{{mine}}:",
    *[
        f"{verb}:{{{case}}}:{subject}"
        for verb in VERBS
        for case in ("mine", "theirs")
        for subject in ("", "x")
    ],
    *[f"{verb}:{'0' * 32}:" for verb in VERBS],
    "history:{mine}:-1",
    "history:{mine}:" + "9" * 40,
    "history:{mine}:abc",
    "not_resolved:{mine}:999",
    "name_contact:{mine}:nobody",
    "fill_role:{mine}:raising/" + TYPED,
    "fill_role:{mine}:raising/line_manager",
    "open:{mine}\x00:",
]


async def test_a_forged_button_is_answered_in_words(served: Served) -> None:
    for value in VALUES:
        for user in ("UAMIRA", "UKAI", "UNOBODY"):
            pressed = value.format(mine=served.cases["mine"].id, theirs=served.cases["theirs"].id)
            answered = await served.press(pressed, user={"id": user, "team_id": "T0001"})
            taken_well(served, answered, statuses=(200,))
    for case in served.cases.values():
        assert served.entries(case) == case.version


ODD_PRESSES: dict[str, dict[str, Any]] = {
    "no actions": {"actions": []},
    "actions that are none": {"actions": [TYPED]},
    "a value that is a number": {"actions": [{"type": "button", "value": 7}]},
    "no container": {"container": None},
    "a container of words": {"container": TYPED},
    "no user": {"user": None},
    "a user without an id": {"user": {"team_id": "T0001"}},
    "a view that is none": {"container": {"type": "view"}, "view": TYPED},
    "metadata that is no JSON": {
        "container": {"type": "view"},
        "view": {"id": "V", "private_metadata": TYPED, "blocks": []},
    },
}


@pytest.mark.parametrize("changes", ODD_PRESSES.values(), ids=ODD_PRESSES.keys())
async def test_a_press_that_lacks_something_is_refused(served: Served, changes: dict[str, Any]) -> None:
    taken_well(served, await served.press("open:x:", **changes), statuses=(200, 400))


CARRIES: list[dict[str, str]] = [
    {},
    {"case": "{mine}"},
    {"case": "{theirs}"},
    {"case": "0" * 32},
    {"case": "{mine}", "object": "x", "action": "x", "page": "-1"},
    {"case": "{mine}", "object": "999", "action": "999"},
    {"case": "{mine}", "object": "raising", "action": "-1"},
    {"case": "{mine}", "object": "raising/nobody", "action": "1" * 30},
    {"case": "{mine}", "form_id": TYPED, "action": "0", "other_agency": TYPED, "category": TYPED},
    {"other_agency": TYPED, "category": TYPED, "elsewhere": TYPED, "in_danger": TYPED, "room": TYPED},
    {"other_agency": "northmoor", "category": TYPED, "elsewhere": "none", "in_danger": "no"},
    {"other_agency": "northmoor", "category": "concern-or-enquiry", "room": "slack:T0001/C9999"},
    {"form_id": "\x00", "room": "\x00", "case": "\x00"},
]
ODD_VALUES: list[dict[str, Any]] = [
    {},
    {"words": TYPED},
    {"words": TYPED * 400, "account": TYPED * 400, "own_side": "maybe"},
    {"words": "\x00", "reason": "\x00", "what_1": "\x00", "own_side": "no"},
    {"due": "2026-13-45", "answer_by": "2026-13-45", "due_1": "2026-13-45", "reason": TYPED},
    {"due": "0000-00-00", "answer_by": "\u0662\u0660\u0662\u0666-01-01", "what_1": TYPED, "owner_1": TYPED},
    {"named": "nobody", "person": "nobody", "owner_1": "nobody", "in_danger": "maybe", "elsewhere": TYPED},
    {"new_name": TYPED, "new_email": "no address", "named": "nobody"},
    {"new_name": TYPED, "new_email": "a@example.org\r\nBcc: b@example.org"},
    {name: values[0] for name, values in TOLD.items()} | {"other_agency": TYPED, "category": TYPED},
    {"words": {"type": "checkboxes", "selected_options": [{"value": None}, TYPED]}},
    {"words": {"type": "static_select", "selected_option": {"value": {"x": 1}}}},
    {"words": {"type": "datepicker", "selected_date": 7}},
]


@pytest.mark.parametrize("kind", [*FORMS, "unknown", ""])
async def test_a_forged_form_is_answered_in_words(served: Served, kind: str) -> None:
    cases = {name: case.id for name, case in served.cases.items()}
    for position, carry in enumerate(CARRIES):
        carried = {key: value.format(**cases) for key, value in carry.items()}
        for step in (0, 4, 9):
            values = ODD_VALUES[(position + step) % len(ODD_VALUES)]
            taken_well(served, await served.submit(kind, carried, values), statuses=(200, 400))
    theirs = served.cases["theirs"]
    assert served.entries(theirs) == theirs.version


async def test_a_lone_surrogate_in_a_field_is_refused(served: Served) -> None:
    body = json.dumps({"type": "view_submission", "words": f"\ud800{TYPED}"})
    taken_well(served, await served.slack(urlencode({"payload": body})), statuses=(400,))


PAGE = {
    "words without a person": ("/say", {"words": TYPED, "token": "T", "where": "room"}),
    "a person that there is not": ("/say", {"as": TYPED, "words": "help", "token": "T", "where": "room"}),
    "no token": ("/say", {"as": "amira", "words": "help", "where": "room"}),
    "a token of somebody's own": (
        "/say",
        {"as": "amira", "words": "help", "token": TYPED[:4], "where": "room"},
    ),
    "a place that there is not": ("/say", {"as": "amira", "words": "help", "token": "T", "where": TYPED}),
    "a NUL": (
        "/say",
        {"as": "amira", "words": f"note HF-2026-0001 \x00{TYPED}", "token": "T", "where": "room"},
    ),
    "no verb": ("/press", {"as": "amira", "token": "T", "where": "room"}),
    "an unknown verb": ("/press", {"as": "amira", "verb": TYPED, "token": "T", "where": "room"}),
    "a long verb": ("/press", {"as": "amira", "verb": TYPED * 20, "token": "T", "where": "room"}),
    "a form of no kind": ("/submit", {"as": "amira", "token": "T", "where": "room"}),
    "an unknown form": ("/submit", {"as": "amira", "kind": TYPED, "token": "T", "where": "room"}),
    "a clock that goes back": ("/clock", {"as": "amira", "move": "yesterday", "token": "T"}),
    "nothing": ("/say", ""),
    "JSON": ("/say", json.dumps({"words": TYPED})),
    "one megabyte": ("/say", "words=" + TYPED * (MEGABYTE // len(TYPED))),
    "bytes that are no text": ("/say", b"words=%ff%fe&as=amira"),
    "a lone surrogate": ("/say", b"words=%ed%a0%80&as=amira"),
}


@pytest.mark.parametrize(("path", "said"), PAGE.values(), ids=PAGE.keys())
async def test_the_page_answers_bad_posts_in_words(
    served: Served, path: str, said: dict[str, str] | str | bytes
) -> None:
    if isinstance(said, dict) and said.get("token") == "T":
        said = said | {"token": token()}
    taken_well(served, await served.page(path, said), statuses=(200, 400, 404, 413, 415))


async def test_the_page_answers_forged_buttons_and_forms_in_words(served: Served) -> None:
    cases = {name: case.id for name, case in served.cases.items()}
    common = {"as": "amira", "where": "direct"}
    for verb in VERBS:
        for case in (*cases.values(), "0" * 32):
            said = common | {"verb": verb, "escalation": case, "object": "x", "token": token()}
            taken_well(served, await served.page("/press", said))
    for kind in FORMS:
        for carry in CARRIES:
            carried = {
                f"carry.{key}": value.format(**cases) for key, value in carry.items() if "\x00" not in value
            }
            said = common | carried | {"kind": kind, "token": token(), "field.words": "x" * 4000}
            taken_well(served, await served.page("/submit", said | {"field.due": "2026-13-45"}))


@pytest.mark.parametrize("path", ["/say", "/press", "/submit", "/clock", "/desk"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "elsewhere.example"},
        {"Host": "127.0.0.1.elsewhere.example"},
    ],
    ids=str,
)
async def test_the_page_takes_nothing_from_elsewhere(
    served: Served, path: str, headers: dict[str, str]
) -> None:
    said = {"as": "amira", "words": f"note HF-2026-0001 {TYPED}", "token": token(), "where": "room"}
    taken_well(served, await served.page(path, said, **headers), statuses=(403,))


@pytest.fixture(params=["sqlite", "postgresql"])
async def on_each(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    """What SQLite takes as it comes, PostgreSQL may refuse: NULs, and keys too long for an index."""
    changed: dict[str, str] = {}
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql_server")
        changed = {"database_url": server.create()}
        opened = Database(changed["database_url"], Sealing([KEY]))
        migrate(opened)
        opened.close()
    async with serve(tmp_path, **changed) as running:
        yield running


async def test_ids_that_no_database_takes_are_answered_in_words(on_each: Served) -> None:
    served = on_each
    mine = served.cases["mine"].id
    for odd in ("\x00", "\ud800", "\udfff\ud800", "x" * 5000, "\u20ac" * 700, "\x01" * 290):
        for answered in (
            await served.press(f"agree:{mine}:{odd}", trigger_id=odd),
            await served.press(f"open:{odd}:{odd}", trigger_id=odd),
            await served.press(f"accept:{mine}:", user={"id": odd, "team_id": odd}),
            await served.submit("note", {"case": mine, "form_id": odd, odd: odd}, {"words": odd, odd: odd}),
            await served.submit("raise.danger", {"form_id": odd, "room": odd}, {"in_danger": "no"}),
        ):
            taken_well(served, answered, statuses=(200, 400))
