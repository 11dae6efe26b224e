"""What is typed in one line: whatever it is, it is understood, or refused in a sentence."""

from __future__ import annotations

import base64
import json
import random
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import manifests
from bot.settings import ConfigurationInvalid
from core import slash
from core.conversation import Press, Submission, storable
from core.forms.form import number
from core.reading import read_yaml
from core.working_time import Window, WorkingHours, read_time_zone
from storage.engine import is_sqlite, open_engines
from storage.failures import DatabaseInvalid
from storage.sealing import Key, KeysInvalid, SealBroken, Sealing
from tests.fuzz.inputs import ODD_WORDS, bytes_changed, in_time, inputs, seeds, words_changed

pytestmark = pytest.mark.soak


def said(*fragments: str) -> st.SearchStrategy[str]:
    """Fragments of what is really said, put together at random and changed, and any text at all."""
    made = st.lists(st.sampled_from([*fragments, *ODD_WORDS, " "]), max_size=6).map("".join)
    changed = st.builds(
        lambda whole, seed: words_changed(whole, random.Random(seed)), st.sampled_from(fragments), seeds
    )
    surrogates = st.text(st.characters(codec=None, categories=None), max_size=60)
    return st.one_of(made, changed, st.text(max_size=60), surrogates)


COMMANDS = said(
    "note HF-2026-0001 Phoned the ward",
    "show HF-2026-0042",
    "list overdue",
    "list all",
    "help",
    "new",
    "note ",
    "show ",
    "HF-2026-0001",
    "NOTE hf-2026-0001\nPhoned",
    "link ABCD",
    "board",
)


@given(COMMANDS)
@inputs(800, 20_000)
def test_whatever_is_said_after_the_command_is_one_of_the_things_that_can_be_said(words: str) -> None:
    with in_time():
        understood = slash.understand(storable(words))
    if isinstance(understood, slash.Show | slash.Note):
        assert slash.REFERENCE.fullmatch(understood.reference)
    if isinstance(understood, slash.Help):
        assert "\n" not in understood.about


PRESSES = said(
    "open:0123abcd:", "agree:0123abcd:p1", "history:x:99", "not_resolved:x:2", ":::", "new", "card:x:"
)


@given(PRESSES, COMMANDS)
@inputs(500, 10_000)
def test_whatever_a_button_or_form_carries_can_be_kept(value: str, words: str) -> None:
    press = Press.read(value).storable()
    sent = Submission(value, {value: words, "case": value}, {words: (words, value)}).storable()
    kept = [press.verb, press.escalation, press.object, sent.kind, *sent.carry, *sent.values]
    kept += [*sent.carry.values(), *(one for entered in sent.values.values() for one in entered)]
    for one in kept:
        assert "\x00" not in one
        assert one.encode().decode() == one
    assert press.plausible() in {True, False}
    assert number({"page": value}, "page") >= 1


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
@inputs(100, 2_000)
def test_what_can_be_kept_is_kept_as_it_is(words: str) -> None:
    assert storable(words) == words


WINDOWS = said(
    "5 working days",
    "1 working week",
    "24 hours",
    "20 seconds",
    "999999 seconds",
    "Mon-Fri 09:00-17:00",
    "Mon,Wed 08:30-13:00",
    "Europe/London",
    "24:00",
)


@given(WINDOWS)
@inputs(600, 12_000)
def test_a_time_is_read_or_refused_with_a_sentence(words: str) -> None:
    for kind in (Window, WorkingHours):
        with in_time():
            try:
                read: Any = kind.parse(words)
            except ValueError as refused:
                assert str(refused).endswith(".")
                continue
        assert kind.parse(str(read)) == read
    with suppress(ValueError), in_time():
        read_time_zone(words)


ADDRESSES = said(
    "sqlite:///var/escalate.db",
    "sqlite://",
    "sqlite:///:memory:",
    "postgresql+psycopg://board:secretwords@db.example:5432/escalate",
    "postgresql+psycopg://[::1]:5432/escalate?sslmode=require",
    "postgresql://x",
    "mysql://x/y",
    "://",
    "?x=1&x=2",
    "@",
    ":",
    "/",
)


@given(ADDRESSES)
@inputs(500, 8_000)
def test_a_database_url_is_read_or_refused_in_one_line_without_its_password(url: str) -> None:
    try:
        if not is_sqlite(url):  # a file would be made, wherever that is
            open_engines(url).dispose()
    except DatabaseInvalid as refused:
        assert "DATABASE_URL" in str(refused)
        assert "\n" not in str(refused)
        assert "secretwords" not in str(refused)


KEY = base64.b64encode(sha256(b"a key for tests").digest()).decode()
KEYS = said(KEY, f"{KEY},{KEY}", KEY[:-1], KEY.replace("=", ""), ",", " , ", KEY[:20], "AAAA")


@given(KEYS)
@inputs(400, 6_000)
def test_keys_are_taken_or_refused_without_being_quoted(text: str) -> None:
    try:
        sealing = Sealing.from_text(text)
    except KeysInvalid as refused:
        assert "ENCRYPTION_KEYS" in str(refused)
        assert KEY[:12] not in str(refused)
        assert "\n" not in str(refused)
    else:
        assert sealing.make("stream").secret


@given(seeds, st.binary(max_size=80))
@inputs(300, 6_000)
def test_what_was_sealed_and_changed_does_not_open(seed: int, plain: bytes) -> None:
    key = Key(bytes(range(32)))
    sealed = key.seal("events/1", plain)
    changed = bytes_changed(sealed, random.Random(seed))
    if changed == sealed:
        assert key.open("events/1", changed) == plain
    else:
        with pytest.raises(SealBroken):
            key.open("events/1", changed)


URLS = said(
    "https://escalate.example.org",
    "https://NAME/path",
    "https://name:443/",
    "http://name",
    "https://user@name",
    "https://[::1]/",
    "0a0a0a0a-0000-4000-8000-000000000001",
    "current",
    "older",
)


@given(URLS, URLS, st.sampled_from(["current", "older", "x"]))
@inputs(200, 4_000)
def test_a_manifest_is_whole_or_refused(url: str, app_id: str, profile: str) -> None:
    with in_time():
        try:
            read_yaml(manifests.slack_manifest(url), "manifest.yaml")
            made = manifests.teams_manifest(url, app_id, profile)
        except ConfigurationInvalid as refused:
            assert str(refused).endswith(".")
            return
    assert url.strip().casefold().rstrip("/") in json.dumps(made).casefold()


@given(said("1", "1.0", "inf", "nan", "-1", "on", "127.0.0.1", "SingleTenant"), st.integers(0, 6))
@inputs(100, 2_000)
def test_a_setting_is_read_or_refused_by_its_name(value: str, which: int) -> None:
    from bot.settings import Settings

    names = ("port", "slack_pace", "rate_limits", "local_page", "teams_insecure_local", "log_format", "host")
    given_: dict[str, Any] = {names[which]: value}
    try:
        Settings(_env_file=None, **given_)
    except ValueError as refused:
        assert names[which] in str(refused)
