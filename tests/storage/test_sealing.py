from __future__ import annotations

import base64

import pytest

from storage.sealing import Key, KeysInvalid, SealBroken, Sealing, Wrapped

OLD, NEW = bytes(32), bytes(range(32))


def never() -> Wrapped:
    raise AssertionError("the key should have been kept")


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
    sealed = Sealing([OLD]).key("s1", lambda: wrapped).seal("a", b"words")
    both = Sealing([NEW, OLD])
    assert both.key("s1", lambda: wrapped).open("a", sealed) == b"words"
    assert both.make("s2").key_id == Sealing([NEW]).make("s3").key_id != wrapped.key_id
    with pytest.raises(KeysInvalid, match="lacks a key"):
        Sealing([NEW]).key("s1", lambda: wrapped)


def test_a_wrapped_key_serves_its_own_stream_only() -> None:
    sealing = Sealing([NEW])
    wrapped = sealing.make("s1")
    with pytest.raises(SealBroken):
        sealing.key("s2", lambda: wrapped)


def test_a_key_is_kept_ready_and_the_number_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sealing.KEPT", 2)
    sealing = Sealing([NEW])
    wrapped = {name: sealing.make(name) for name in ("a", "b", "c")}
    sealing.key("a", lambda: wrapped["a"])
    sealing.key("b", lambda: wrapped["b"])
    sealing.key("a", never)
    sealing.key("c", lambda: wrapped["c"])
    sealing.key("a", never)
    with pytest.raises(AssertionError, match="kept"):
        sealing.key("b", never)


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
