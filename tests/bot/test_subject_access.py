"""The draft of what is held on one reference: all of it, for one pair of eyes, and recorded on the case."""

from __future__ import annotations

import asyncio
import base64
import re
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.subject_access import MARK
from core.conversation import Press
from tests.bot.lived import TYPED, Lived, lived
from tests.bot.made import AMIRA, BEN, KEY, House, opened, words

WHY = ("--why", "Request 12, from the adult", "--by", "Tam Invented")


@pytest.fixture
async def story(board: House) -> Lived:
    return await lived(board)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line works on the running bot's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'escalate.db'}")
    monkeypatch.setenv("ENCRYPTION_KEYS", base64.b64encode(KEY).decode())


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ("subject-access", *arguments))


def page(out: str = "draft.html") -> str:
    """The words that a browser would show, and the markup between them."""
    return unescape(Path(out).read_text(encoding="utf-8"))


def files() -> dict[str, tuple[int, bytes]]:
    """Each draft, or part of one: who may read it, and what it holds."""
    return {str(one): (one.stat().st_mode & 0o777, one.read_bytes()) for one in Path().glob("*.html*")}


async def drafted(story: Lived, out: str = "draft.html") -> str:
    result = await run(story.closed.reference, "--out", out, *WHY)
    assert result.exit_code == 0, (result.output, result.exception)
    return page(out)


async def test_everything_that_is_held_stands_in_the_draft_whoever_may_see_it(
    board: House, story: Lived
) -> None:
    shown = await drafted(story)
    gathered = range(1, board.now(story.closed).version)  # before its own entry was made
    assert all(f"Entry {number}: " in shown for number in gathered)
    for said in ("Our view", "rang the ward", "Only us", "whom"):
        assert f"{TYPED} {said}" in shown
    assert "those who take part for Riverbank Council alone" in shown
    for name in ("Amira Invented", "Ben Invented", "Tam Invented", "Request 12, from the adult"):
        assert name in shown
    for what in ("View of an agency", "Proposed outcome", "The outcome was agreed", "Action 1"):
        assert what in shown
    for what in (
        "The question whether they are the right person",
        "Ben Invented, on Slack",
        "Slack: T0001/C0002",
    ):
        assert what in shown
    assert story.other.reference not in shown


async def test_what_people_wrote_stands_once_so_that_no_redaction_misses_it(story: Lived) -> None:
    shown = await drafted(story)
    for said in ("Our view", "rang the ward", "Only us"):
        assert shown.count(f"{TYPED} {said}") == 1


async def test_each_part_has_a_box_for_the_decision_and_the_page_says_what_it_is(
    board: House, story: Lived
) -> None:
    shown = await drafted(story)
    entries = board.now(story.closed).version - 1
    assert len(re.findall(r"<legend>Decision on entry \d+</legend>", shown)) == entries
    assert all(f'value="{choice}"' in shown for choice in ("Give", "Redact", "Withhold"))
    assert shown.count(MARK) >= 2, "on the screen, and on each page of paper"
    assert '<html lang="en-GB">' in shown
    assert '<meta charset="utf-8">' in shown
    assert "http-equiv" in shown
    assert not re.search(r"(src|href)=.?https?:", shown), "it needs nothing from anywhere"


async def test_the_case_records_that_it_was_made_by_whom_and_why_and_tells_no_room(
    board: House, story: Lived
) -> None:
    before = board.now(story.closed).version
    await drafted(story)
    assert board.events(story.closed)[before:] == ["SubjectAccessDrafted"]
    case = words(await board.bot.press(AMIRA, Press("open", story.closed.id)))
    assert "gathered this record in a file, for a subject access request" in case
    assert "Tam Invented" in case
    sent = len(board.slack.sent)
    await board.sent()
    assert len(board.slack.sent) == sent


async def test_the_file_is_for_its_owner_alone_and_one_that_exists_is_kept(
    board: House, story: Lived
) -> None:
    await drafted(story)
    before = files(), board.now(story.closed).version
    assert before[0]["draft.html"][0] == 0o600
    again = await run(story.closed.reference, "--out", "draft.html", *WHY)
    assert (again.exit_code, again.stderr) == (2, "--out: draft.html is there already. Name another file.\n")
    assert (files(), board.now(story.closed).version) == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("HF-2026-9999", "--out", "a.html", *WHY), 2, "There is no escalation HF-2026-9999."),
        (("HF-2026-0001", "--out", "a.html", "--why", "  "), 1, "Say with --why why the draft is made."),
        (("HF-2026-0001", "--out", "nowhere/a.html", *WHY), 2, "--out: nowhere/a.html can't be written"),
    ],
)
async def test_what_is_wrong_is_one_line_and_neither_file_nor_entry_is_made(
    board: House, story: Lived, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = board.now(story.closed).version
    result = await run(*arguments)
    assert (result.exit_code, len(result.stderr.strip().splitlines())) == (code, 1)
    assert said in result.stderr
    assert files() == {}
    assert board.now(story.closed).version == before


async def test_what_was_destroyed_is_said_and_shown_nowhere(board: House, story: Lived) -> None:
    entries = board.database.read_now(lambda reader: board.cases.entries(reader, story.closed.id))
    view = next(entry.sequence for entry in entries if entry.event.type == "ViewAdded")
    form = opened(await board.bot.press(BEN, Press("destroy", story.closed.id)))
    await board.submit(BEN, form, entry=(str(view),), because=("too-much",), words=("More than was asked",))
    await board.bot.press(AMIRA, Press("agree_destroying", story.closed.id, str(view)))
    shown = await drafted(story)
    assert f"{TYPED} Our view" not in shown
    assert "by Ben Invented and Amira Invented, because it says more about somebody" in shown


async def test_words_that_look_like_markup_stand_as_they_were_typed(board: House) -> None:
    case = await board.agreed_to_take_part()
    await board.note(case, "<script>alert(1)</script><b>")
    result = await run(case.reference, "--out", "draft.html", *WHY)
    assert result.exit_code == 0
    markup = files()["draft.html"][1].decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;" in markup
    assert markup.count("<script>") == 1, "our own"
