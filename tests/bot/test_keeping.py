"""Holding, releasing and destroying a record by the command line, while the bot is running."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.clock import CLOCK_OFFSET
from core.cards.model import Form
from core.conversation import Press, Submission
from core.escalation import Escalation
from storage import board as stored_board
from storage import escalations, outbox, shredding
from storage.failures import DatabaseFailed
from tests.bot.lived import TAM, TYPED, Lived, lived
from tests.bot.made import AMIRA, BEN, KAI, KEY, House, opened, until, words

CORONER = ("--kind", "coroner", "--why", "The coroner wrote to us")


@pytest.fixture
async def story(board: House) -> Lived:
    return await lived(board)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line works on the running bot's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'escalate.db'}")
    monkeypatch.setenv("ENCRYPTION_KEYS", base64.b64encode(KEY).decode())


async def run(*arguments: str, typed: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, typed)


async def answered(code: int, *arguments: str, typed: str = "") -> str:
    """What it said; of an error, the one line."""
    result = await run(*arguments, typed=typed)
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    if code:
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr if code else result.stdout


def years_pass(board: House, story: Lived) -> None:
    """For the bot, and for the command line: it is a morning on which people work."""
    assert story.closed.kept_until is not None
    board.clock.move_to(story.closed.kept_until + timedelta(minutes=5))
    seconds = str(board.clock.offset.total_seconds())
    board.database.write_now(lambda transaction: stored_board.set_setting(transaction, CLOCK_OFFSET, seconds))


async def shredded(board: House, story: Lived) -> Escalation:
    years_pass(board, story)
    reference = story.closed.reference
    said = await answered(0, "shred", reference, typed=f"{reference}\n")
    assert "is destroyed. Backups made before now still hold its key." in said
    return board.now(story.closed)


def key_of(board: House, case: Escalation) -> bytes:
    return board.database.read_now(lambda reader: shredding.wrapped_key(reader, case.id))


# --- retention ---


async def test_a_sweep_asks_the_coordinator_when_the_time_has_passed(board: House, story: Lived) -> None:
    years_pass(board, story)
    await board.sweep.run()
    await board.sent()
    asked = [words for words in board.slack.to(TAM.account) if "Is its record still needed?" in words]
    assert len(asked) == 1
    assert story.closed.reference in asked[0]
    assert TYPED not in asked[0]
    row = board.database.read_now(lambda reader: escalations.escalation(reader, story.closed.id))
    assert row is not None
    assert row.status == "closed"
    assert row.next_due_at is not None
    assert row.next_due_at > board.clock.now()


async def test_a_closed_case_is_in_nobodys_list_of_open_ones_though_it_falls_due(
    board: House, story: Lived
) -> None:
    assert story.closed.reference not in words(await board.bot.say(AMIRA, "list"))
    assert story.closed.reference in words(await board.bot.say(AMIRA, "list all"))


async def test_a_hold_keeps_it_from_being_asked_about_and_destroyed(board: House, story: Lived) -> None:
    reference = story.closed.reference
    assert "is held" in await answered(0, "hold", reference, *CORONER)
    assert "already held for a coroner" in await answered(1, "hold", reference, *CORONER)
    years_pass(board, story)
    await board.sweep.run()
    assert board.events(story.closed)[-1] == "HoldPlaced"
    assert "is held for a coroner" in await answered(1, "shred", reference, typed=f"{reference}\n")
    assert "is released" in await answered(0, "release", reference)
    assert "isn't held" in await answered(1, "release", reference)
    await board.sweep.run()
    assert board.events(story.closed)[-2:] == ["HoldReleased", "ReminderIssued"]


async def test_a_hold_needs_a_reason_and_a_kind_that_there_is(board: House, story: Lived) -> None:
    reference = story.closed.reference
    assert "--why" in await answered(1, "hold", reference)
    assert "--kind is one of these" in await answered(2, "hold", reference, "--why", "x", "--kind", "other")
    assert "There is no escalation HF-1999-0001." in await answered(2, "hold", "HF-1999-0001", *CORONER)
    assert "HoldPlaced" not in board.events(story.closed)


# --- refusing to destroy ---


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "HF-1999-0001\n"])
async def test_unless_its_reference_is_typed_nothing_is_destroyed(
    board: House, story: Lived, typed: str
) -> None:
    years_pass(board, story)
    result = await run("shred", story.closed.reference, typed=typed)
    assert result.exit_code == 1
    assert "Nothing was destroyed." in result.stderr
    assert board.now(story.closed) == story.closed


async def test_before_its_time_and_while_it_is_open_nothing_is_destroyed(board: House, story: Lived) -> None:
    closed, other = story.closed.reference, story.other.reference
    assert "to be kept until" in await answered(1, "shred", closed, typed=f"{closed}\n")
    assert "isn't closed" in await answered(1, "shred", other, typed=f"{other}\n")
    early = ("--before-time", "Raised twice by mistake")
    assert "isn't closed" in await answered(1, "shred", other, *early, typed=f"{other}\n")
    await answered(0, "shred", closed, *early, typed=f"{closed}\n")
    destroyed = board.now(story.closed).destroyed
    assert destroyed is not None
    assert destroyed.why == "Raised twice by mistake"


async def test_if_destroying_fails_half_way_all_of_the_record_is_still_there(
    board: House, story: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    years_pass(board, story)

    def fails(*arguments: Any) -> None:
        raise DatabaseFailed("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(shredding, "destroy", fails)
        reference = story.closed.reference
        result = await run("shred", reference, typed=f"{reference}\n")
    assert result.exit_code == 2
    assert "the disk is full" in result.stderr
    assert board.now(story.closed) == story.closed
    assert key_of(board, story.closed)


# --- afterwards ---


async def test_what_was_destroyed_is_said_to_those_who_took_part_and_to_nobody_else(
    board: House, story: Lived
) -> None:
    await shredded(board, story)
    for asker in (AMIRA, BEN, TAM):
        said = words(await board.bot.say(asker, f"show {story.closed.reference}"))
        assert f"{story.closed.reference} was raised on " in said
        assert " at Stage 1." in said
        assert "Its record was destroyed on " in said
        assert "Invented" not in said
    unknown = words(await board.bot.say(KAI, f"show {story.closed.reference}"))
    assert "There is no escalation" in unknown


async def test_lists_go_on_without_it(board: House, story: Lived) -> None:
    await shredded(board, story)
    for which in ("list", "list all", "list overdue"):
        for asker in (AMIRA, BEN, KAI):
            said = words(await board.bot.say(asker, which))
            assert story.closed.reference not in said
            assert "didn't work" not in said
    assert story.other.reference in words(await board.bot.say(BEN, "list"))


async def test_every_old_button_and_form_says_that_it_is_gone(board: House, story: Lived) -> None:
    opened_before = opened(await board.bot.press(BEN, Press("history", story.closed.id)))
    await shredded(board, story)
    for verb in ("open", "history", "letter", "view", "propose", "more", "contact", "agree", "accept"):
        said = words(await board.bot.press(BEN, Press(verb, story.closed.id)))
        assert "Nobody can read it any more." in said, (verb, said)
    assert TYPED in words(opened_before), "there was something to read"
    note = Submission("note", {"case": story.closed.id, "form_id": "f9"}, {"words": ("x",)})
    assert "Nobody can read it any more." in words(await board.bot.submit(BEN, note))
    assert "no longer applies" in words(await board.bot.press(BEN, Press("card", story.closed.id)))
    refused = words(await board.bot.say(AMIRA, f"note {story.closed.reference} {TYPED} more"))
    assert "There is no escalation" in refused


async def test_a_draft_of_it_is_gone_and_one_of_no_case_is_not(board: House, story: Lived) -> None:
    await shredded(board, story)
    again = await board.bot.press(AMIRA, Press("new"))
    assert isinstance(again, Form)
    assert "Go on with what you wrote" in words(again)


async def test_the_bot_that_had_it_in_memory_keeps_nothing_of_it(board: House, story: Lived) -> None:
    assert TYPED in str(board.now(story.closed))
    state = await shredded(board, story)
    assert state.status == "destroyed"
    assert TYPED not in str(state)
    assert TYPED not in str(board.cases._folded[story.closed.id])


async def test_sweeps_the_courier_and_readiness_go_on(board: House, story: Lived) -> None:
    await shredded(board, story)
    await board.sweep.run()
    await board.sent()
    assert board.events(story.other).count("WindowLapsed") == 1
    row = board.database.read_now(lambda reader: escalations.escalation(reader, story.closed.id))
    assert row is not None
    assert (row.status, row.next_due_at, row.window_ends_at) == ("destroyed", None, None)


async def test_what_was_on_its_way_to_somebody_leaves_nothing_behind(board: House, story: Lived) -> None:
    years_pass(board, story)
    board.slack.held = asyncio.Event()
    await board.sweep.run()
    board.courier.wake()
    await until(lambda: board.database.read_now(outbox.counts)["sending"] > 0)
    await answered(0, "shred", story.closed.reference, typed=f"{story.closed.reference}\n")
    board.slack.held.set()
    await board.sent()
    assert any("Is its record still needed?" in words for words in board.slack.to(TAM.account))
    left = "select count(*) from outbox where stream_id = ? and (place is not null or message is not null)"
    assert number(board, left, story.closed) == 0
    assert number(board, "select count(*) from messages where stream_id = ?", story.closed) == 0


def number(board: House, query: str, case: Escalation) -> int:
    return board.database.read_now(
        lambda reader: int(reader.connection.exec_driver_sql(query, (case.id,)).scalar_one())
    )


async def test_the_record_that_is_left_still_verifies(board: House, story: Lived) -> None:
    entries = len(board.events(story.closed))
    await shredded(board, story)
    result = await run("verify", "--reference", story.closed.reference)
    assert result.exit_code == 0
    assert f"Checked 1 records with {entries + 1} entries: 0 broken." in result.stdout
    assert (await run("verify")).exit_code == 0
    assert "already" in await answered(0, "shred", story.closed.reference)
    assert "was destroyed on" in await answered(1, "hold", story.closed.reference, *CORONER)


async def test_nothing_that_was_typed_and_no_key_stands_in_the_files_or_the_log(
    board: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = await lived(board)
    wrapped = key_of(board, story.closed)
    assert in_files(tmp_path, wrapped)
    await shredded(board, story)
    for secret in (wrapped, TYPED.encode(), TYPED.encode("utf-16-le")):
        assert not in_files(tmp_path, secret)
    log = capsys.readouterr().out
    assert "given_up" in log, "the search reads the log"
    assert TYPED not in log
    sealed = "select count(*) from events where stream_id = ? and body is not null"
    assert number(board, sealed, story.closed) > 5, "the sealed record is there, and nothing that opens it"


def in_files(folder: Path, secret: bytes) -> bool:
    return any(secret in path.read_bytes() for path in folder.glob("escalate.db*"))
