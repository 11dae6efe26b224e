from __future__ import annotations

import base64
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sealing import Key, KeysInvalid, SealBroken, Sealing

OLD, NEW = sha256(b"old").digest(), sha256(b"new").digest()


def test_what_is_sealed_opens_only_where_it_was_put_and_unchanged() -> None:
    key = Key(NEW)
    sealed = key.seal("drafts/f1", b"words")
    assert key.open("drafts/f1", sealed) == b"words"
    assert key.seal("drafts/f1", b"words") != sealed
    for place, stored in (
        ("drafts/f2", sealed),
        ("drafts/f1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("drafts/f1", b"short"),
    ):
        with pytest.raises(SealBroken):
            key.open(place, stored)
    with pytest.raises(SealBroken):
        Key(OLD).open("drafts/f1", sealed)


def test_an_older_key_still_opens_and_the_newest_wraps() -> None:
    wrapped = Sealing([OLD]).make("s1")
    sealed = Sealing([OLD]).key("s1", wrapped).seal("a", b"words")
    both = Sealing([NEW, OLD])
    assert both.key("s1", wrapped).open("a", sealed) == b"words"
    assert both.make("s2").key_id == Sealing([NEW]).make("s3").key_id != wrapped.key_id
    with pytest.raises(KeysInvalid, match="lacks a key"):
        Sealing([NEW]).key("s1", wrapped)


def test_a_wrapped_key_serves_its_own_stream_only() -> None:
    sealing = Sealing([NEW])
    wrapped = sealing.make("s1")
    with pytest.raises(SealBroken):
        sealing.key("s2", wrapped)


def test_a_key_is_kept_ready_and_the_number_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sealing.KEPT", 2)
    sealing = Sealing([NEW])
    wrapped = {name: sealing.make(name) for name in ("a", "b", "c")}
    kept = {name: sealing.key(name, wrapped[name]) for name in ("a", "b")}
    assert sealing.key("a", wrapped["a"]) is kept["a"]
    sealing.key("c", wrapped["c"])
    assert sealing.key("a", wrapped["a"]) is kept["a"]
    assert sealing.key("b", wrapped["b"]) is not kept["b"]


def test_what_is_kept_of_a_key_serves_only_as_long_as_it_is_stored_like_that() -> None:
    sealing = Sealing([NEW])
    first, other = sealing.make("s1"), sealing.make("s1")
    sealed = sealing.key("s1", first).seal("a", b"words")
    with pytest.raises(SealBroken):
        sealing.key("s1", other).open("a", sealed)


def test_a_key_wrapped_anew_is_the_same_key() -> None:
    wrapped = Sealing([OLD]).make("s1")
    sealed = Sealing([OLD]).key("s1", wrapped).seal("a", b"words")
    anew = Sealing([NEW, OLD]).wrapped_anew("s1", wrapped)
    assert Sealing([NEW]).key("s1", anew).open("a", sealed) == b"words"


WEAK = {
    "zeros": bytes(32),
    "one byte": b"\xa7" * 32,
    "a few bytes again and again": b"\x01\xfe\x9c\x44" * 8,
    "counting": bytes(range(32)),
    "text, filled up": b"changeme-please".ljust(32, b"\0"),
    "text": b"correct horse battery staple 12!",
    "the letters of a key instead of its bytes": sha256(b"x").hexdigest()[:32].encode(),
}


@pytest.mark.parametrize("key", WEAK.values(), ids=WEAK)
def test_a_key_that_cannot_be_random_is_refused_by_its_position(key: bytes) -> None:
    text = base64.b64encode(NEW).decode() + "," + base64.b64encode(key).decode()
    with pytest.raises(KeysInvalid, match="key 2 isn't random") as refused:
        Sealing.from_text(text)
    assert base64.b64encode(key).decode()[:8] not in str(refused.value)


@given(st.integers())
def test_keys_made_at_random_are_taken(seed: int) -> None:
    Sealing.from_text(base64.b64encode(Random(seed).randbytes(32)).decode())


def test_look_ups_are_the_same_for_the_same_parts_under_the_same_key_alone() -> None:
    assert Key(NEW).look_up("a", "b") == Key(NEW).look_up("a", "b")
    assert len({Key(NEW).look_up("a", "b"), Key(NEW).look_up("ab", ""), Key(OLD).look_up("a", "b")}) == 3


def test_the_variable_is_read_newest_first() -> None:
    text = f" {base64.b64encode(NEW).decode()}, {base64.urlsafe_b64encode(OLD).decode()} ,"
    assert Sealing.from_text(text).make("s").key_id == Sealing([NEW]).make("s").key_id


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is empty"),
        ("not base64!", "key 1 isn't base64"),
        (f"{base64.b64encode(NEW).decode()},AAAA", "key 2 has 3 bytes"),
    ],
)
def test_keys_that_cannot_be_used_are_named_by_their_position_and_never_quoted(text: str, named: str) -> None:
    with pytest.raises(KeysInvalid, match=named) as refused:
        Sealing.from_text(text)
    assert "ENCRYPTION_KEYS" in str(refused.value)
    assert "AAAA" not in str(refused.value)
