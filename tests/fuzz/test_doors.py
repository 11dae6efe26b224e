"""Whatever comes through the real doors, signed as the platforms sign it, is answered: never 5xx, no error in
the log, no apology for something of ours.
"""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import payloads
from tests.fuzz.doors import Doors
from tests.fuzz.inputs import ODD_WORDS, bytes_changed, inputs, mutated, seeds, words_changed

pytestmark = pytest.mark.soak
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def cases_of(doors: Doors) -> tuple[str, ...]:
    return tuple(case.id for case in doors.served.cases.values())


def written(value: Any, chance: random.Random) -> bytes:
    """As JSON, now and then with its bytes changed."""
    raw = json.dumps(value, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
    return bytes_changed(raw, chance) if chance.random() < 0.1 else raw


@given(seeds)
@inputs(700, 16_000)
def test_slacks_payloads_with_something_changed(doors: Doors, seed: int) -> None:
    chance = random.Random(seed)
    recorded = payloads.slack(cases_of(doors))
    changed = mutated(chance.choice(recorded), seed, payloads.fragments(cases_of(doors)))
    raw = written(changed, chance)
    if chance.random() < 0.15:
        doors.to_slack(raw, JSON)
    else:
        doors.to_slack(b"payload=" + quote(raw).encode(), FORM)


@given(seeds)
@inputs(250, 6_000)
def test_slacks_commands_with_something_changed(doors: Doors, seed: int) -> None:
    chance = random.Random(seed)
    changed = mutated(chance.choice(payloads.slack_commands()), seed, payloads.fragments(cases_of(doors)))
    pairs = changed if isinstance(changed, dict) else {"text": changed}
    body = urlencode(pairs, errors="surrogatepass").encode()
    doors.to_slack(bytes_changed(body, chance) if chance.random() < 0.15 else body, FORM)


@given(ANY_JSON, st.sampled_from(["block_actions", "view_submission", "event_callback", "shortcut"]))
@inputs(100, 3_000)
def test_any_json_as_slacks_payload(doors: Doors, value: Any, kind: str) -> None:
    whole = {
        "type": kind,
        "user": value,
        "view": value,
        "actions": [value],
        "container": value,
        "event": value,
    }
    doors.to_slack(urlencode({"payload": json.dumps(value)}).encode(), FORM)
    doors.to_slack(urlencode({"payload": json.dumps(whole)}).encode(), FORM)


@given(seeds, st.sampled_from(["ben", "stranger"]), st.sampled_from(["", "ward"]))
@inputs(700, 16_000)
def test_teams_activities_with_something_changed(doors: Doors, seed: int, user: str, room: str) -> None:
    chance = random.Random(seed)
    recorded = payloads.teams(doors.teams.activity(user, room), cases_of(doors))
    changed = mutated(chance.choice(recorded), seed, payloads.fragments(cases_of(doors)))
    doors.to_teams(written(changed, chance))


@given(ANY_JSON, st.sampled_from(["message", "invoke", "conversationUpdate", "installationUpdate"]))
@inputs(100, 3_000)
def test_any_json_as_a_part_of_an_activity(doors: Doors, value: Any, kind: str) -> None:
    base = doors.teams.activity("ben") | {"type": kind, "name": "task/submit"}
    for key in ("value", "conversation", "text", "channelData"):
        doors.to_teams(json.dumps(base | {key: value}).encode())


@given(seeds)
@inputs(500, 12_000)
def test_the_pages_forms_with_something_changed(doors: Doors, seed: int) -> None:
    chance = random.Random(seed)
    path, pairs = chance.choice(payloads.page(cases_of(doors)))
    changed = mutated(pairs, seed, payloads.fragments(cases_of(doors)))
    pairs = changed if isinstance(changed, dict) else {"words": changed}
    body = urlencode(pairs, doseq=chance.random() < 0.3, errors="surrogatepass").encode()
    doors.to_page(path, bytes_changed(body, chance) if chance.random() < 0.15 else body, FORM)


ADDRESSES = (
    "/?as=amira",
    "/fragment?as=ben",
    "/live?since=1",
    "/static/page.css",
    "/static/../app.py",
    "/slack/events",
    "/api/messages",
    "/healthz",
    "/readyz",
)


@given(st.sampled_from(ADDRESSES), seeds)
@inputs(150, 4_000)
def test_addresses_with_something_changed(doors: Doors, address: str, seed: int) -> None:
    chance = random.Random(seed)
    path, _, query = address.partition("?")
    path = words_changed(path, chance) if chance.random() < 0.4 else path
    query = words_changed(query, chance) if chance.random() < 0.7 else query + chance.choice(ODD_WORDS)
    safe = quote(path.lstrip("/")[:3000], safe="/%.", errors="replace")
    doors.look(f"/{safe}?{quote(query[:3000], safe='=&%', errors='replace')}")
