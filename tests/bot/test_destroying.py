"""Destroyed words: out of the record, the caches, the drafts and what is remembered; and the record holds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.board import DirectoryBook
from bot.cases import Cases, Decided
from bot.traces import Traces
from core.conversation import Press
from core.escalation import Escalation
from storage import event_store, remembered
from storage.database import Reader, Transaction
from storage.tables import deliveries, events
from storage.verify import verify
from tests.bot.made import AMIRA, BEN, House, opened, words

WRONG = "Quagga Inventedname, 12 Invented Lane, has the keys and was there on Sunday"


async def noted(board: House) -> tuple[Escalation, int]:
    """A case with a note that never should have been typed, and the note's number."""
    case = await board.agreed_to_take_part()
    await board.note(case, WRONG)
    return board.now(case), board.now(case).version


async def destroyed(board: House, case: Escalation, entry: int) -> None:
    form = opened(await board.bot.press(AMIRA, Press("destroy", case.id)))
    await board.submit(
        AMIRA, form, entry=(str(entry),), because=("somebody-else",), words=("A man without a part in this.",)
    )
    answer = await board.bot.press(BEN, Press("agree_destroying", case.id, str(entry)))
    assert "The words are destroyed." in words(answer)


def body(board: House, case: Escalation, entry: int) -> bytes | None:
    which = select(events.c.body).where(events.c.stream_id == case.id, events.c.sequence == entry)
    found: bytes | None = board.database.read_now(
        lambda reader: reader.connection.execute(which).scalar_one()
    )
    return found


def state_in(board: House, cases: Cases, case: Escalation) -> Escalation:
    return board.database.read_now(lambda reader: cases.load(reader, case.id))


def in_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("escalate.db*"))


def problems(board: House) -> list[str]:
    return [one.problem for one in board.database.read_now(lambda r: list(verify(r))) if one.problem]


async def test_the_body_is_gone_and_the_record_still_verifies(board: House) -> None:
    case, entry = await noted(board)
    await destroyed(board, case, entry)
    assert body(board, case, entry) is None
    assert problems(board) == []
    assert WRONG not in words(await board.bot.press(BEN, Press("open", case.id)))
    assert "Destroyed on" in words(await board.bot.press(BEN, Press("open", case.id)))


async def test_it_is_folded_the_same_again_from_the_disk_and_by_whoever_had_it_in_memory(
    board: House,
) -> None:
    view = await board.agreed_to_take_part()
    form = opened(await board.bot.press(BEN, Press("view", view.id)))
    await board.submit(BEN, form, words=(WRONG,))
    case, entry = board.now(view), board.now(view).version
    other = Cases(board.cases.pathways, DirectoryBook(), board.cases._addressing)
    assert WRONG in {one.words for one in state_in(board, other, case).views.values()}
    await destroyed(board, case, entry)
    fresh = Cases(board.cases.pathways, DirectoryBook(), board.cases._addressing)
    states = [state_in(board, cases, case) for cases in (board.cases, other, fresh)]
    assert states[0] == states[1] == states[2]
    assert WRONG not in repr(states)
    assert WRONG not in repr([*board.cases._folded.values(), *other._folded.values()])


async def test_a_decision_told_late_is_drawn_from_what_remains(board: House) -> None:
    case, entry = await noted(board)
    await destroyed(board, case, entry)
    await board.courier.start()
    await board.sent()
    told = " ".join(words(card) for _, _, card in board.slack.sent)
    assert "was destroyed, because it is about somebody else." in told
    assert "Quagga" not in told


async def test_drafts_that_repeat_the_words_go_with_them_and_others_stay(board: House) -> None:
    case, entry = await noted(board)
    for said in (f"We agree that {WRONG.lower()}", "A visit on Monday"):
        form = opened(await board.bot.press(BEN, Press("propose", case.id)))
        await board.submit(BEN, form, words=(said,), reflects_views=("As he asked",), actions_0=("yes",))
    await destroyed(board, case, entry)
    count = board.database.read_now(
        lambda r: r.connection.execute(text("SELECT count(*) FROM drafts")).scalar()
    )
    assert count == 1


async def test_what_is_remembered_of_an_answer_holds_nobodys_words(board: House) -> None:
    case = await board.raised("ben")
    first = await board.bot.press(replace(BEN, delivery="d1"), Press("accept", case.id))
    assert "The flat is cold" in words(opened(first))
    again = await board.bot.press(replace(BEN, delivery="d1"), Press("accept", case.id))
    assert "You take part." in words(again)

    def everything(reader: Reader) -> list[str]:
        keys = reader.connection.execute(select(deliveries.c.key)).scalars()
        return [remembered.recall(reader, key) or "" for key in keys]

    kept = board.database.read_now(everything)
    assert kept
    assert not [one for one in kept if "The flat is cold" in one]


async def test_a_body_that_was_taken_without_two_agreeing_is_found(board: House) -> None:
    case, entry = await noted(board)
    await destroyed(board, case, entry)

    def take(transaction: Transaction) -> None:
        transaction.connection.execute(text("UPDATE events SET body = NULL WHERE sequence = 1"))

    board.database.write_now(take)
    assert any(
        "event 1: its body is gone, and no event says that it was destroyed" in one for one in problems(board)
    )
    with pytest.raises(event_store.BodyDestroyed):
        board.database.read_now(lambda reader: event_store.events(reader, case.id))


async def test_what_fails_half_way_destroys_nothing(board: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case, entry = await noted(board)
    form = opened(await board.bot.press(AMIRA, Press("destroy", case.id)))
    await board.submit(
        AMIRA, form, entry=(str(entry),), because=("too-much",), words=("A man without a part in this.",)
    )

    def full(transaction: Transaction, *_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("storage.outbox.enqueue", full)
    answer = await board.bot.press(BEN, Press("agree_destroying", case.id, str(entry)))
    assert "That didn't work, so it was not saved." in words(answer)
    assert body(board, case, entry) is not None
    assert board.now(case).destroyed_entries == frozenset()


async def test_the_sealed_words_stand_in_no_file_of_the_database_any_more(
    board: House, tmp_path: Path
) -> None:
    """Short ones in a page among others, and long ones that fill pages of their own."""
    case = await board.agreed_to_take_part()
    traces, bodies = Traces(f"sqlite:///{tmp_path / 'escalate.db'}"), []
    for said in (WRONG, f"{WRONG} {'and so on ' * 280}"):
        await board.note(case, said)
        entry = board.now(case).version
        for number in range(30):
            await board.note(case, f"Another note {number}")
        bodies.append(body(board, case, entry))
        await destroyed(board, case, entry)
        assert board.told[-1].destroyed == (bodies[-1],)
        assert board.told[-1].destroyed[0] in in_files(tmp_path), "the write-ahead log still has it"
        traces.clear(board.told[-1])
    await asyncio.gather(*traces._clearing)
    files = in_files(tmp_path)
    for sealed in bodies:
        assert sealed is not None
        assert sealed not in files
        assert sealed[100:140] not in files, "no part of it either"
    assert case.reference.encode() in files, "the search finds what is there"


async def test_what_lies_open_before_somebody_on_the_page_is_put_away(tmp_path: Path) -> None:
    traces, put_away = Traces(f"sqlite:///{tmp_path / 'escalate.db'}"), list[str]()
    traces.put_away.append(put_away.append)
    traces.clear(Decided(Escalation(id="case"), (), (b"sealed",)))
    traces.clear(Decided(Escalation(id="other"), ()))
    await traces.stop()
    assert put_away == ["case"]
