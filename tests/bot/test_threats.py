"""What somebody may try who has something that they shouldn't have, or is somewhere they shouldn't be.

docs/threat-model.md names these, and the tests elsewhere that show the rest.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot import clock as clock_module
from bot.wiring import Escalate
from core.conversation import Press, Submission
from core.directory import read_directory
from core.forms.form import FORM_ID
from storage import event_store
from storage.database import Reader
from storage.verify import verify
from tests.bot.made import BEN, DIRECTORY, KAI, TOLD, House, opened, words
from tests.bot.served import TYPED, Served, serve
from tests.slack_workspace import BOT_TOKEN, signed_headers

NOT_KNOWN = "This account is not in the directory yet"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path) as running:
        yield running


def entries(bot: Escalate) -> int:
    """How many there are in all records together."""

    def counted(reader: Reader) -> int:
        streams = event_store.streams_of(reader, "escalation") + event_store.streams_of(reader, "directory")
        return sum(event_store.version(reader, stream) for stream in streams)

    return bot.database.read_now(counted)


async def test_the_same_user_id_in_another_workspace_is_a_stranger(served: Served) -> None:
    mine = served.cases["mine"].id
    for team in ("T9999", "E0001", "t0001", "T0001/UAMIRA"):
        elsewhere = {"user": {"id": "UAMIRA", "team_id": team, "name": "amira"}}
        for answered in (
            await served.command("show HF-2026-0001", team_id=team),
            await served.press(f"open:{mine}:", **elsewhere),
        ):
            assert NOT_KNOWN in answered.words
            assert TOLD["account"][0] not in answered.words


async def test_a_persons_workspace_counts_and_not_the_channels(served: Served) -> None:
    """In a channel that two organisations share, the channel's workspace is said beside it."""
    stranger = {"id": "UAMIRA", "team_id": "T9999"}
    answered = await served.press("new::", user=stranger, team={"id": "T0001"})
    assert NOT_KNOWN in answered.words


async def test_the_bots_token_opens_no_door_of_ours(served: Served) -> None:
    body = urlencode({"command": "/escalate", "text": "list", "team_id": "T0001", "user_id": "UAMIRA"})
    for headers in (
        signed_headers(body, secret=BOT_TOKEN),
        {"Authorization": f"Bearer {BOT_TOKEN}"},
    ):
        assert (await served.slack(body, headers)).status == 401


async def test_a_request_that_was_listened_to_and_sent_again_does_nothing_twice(served: Served) -> None:
    body = urlencode(
        {
            "command": "/escalate",
            "text": f"note HF-2026-0001 {TYPED}",
            "team_id": "T0001",
            "user_id": "UAMIRA",
            "channel_id": "C0001",
            "trigger_id": "1.2.abc",
        }
    )
    headers, before = signed_headers(body), entries(served.bot)
    for _ in range(3):
        assert (await served.slack(body, headers)).status == 200
    assert entries(served.bot) == before + 1


async def test_looking_at_any_address_changes_nothing(served: Served) -> None:
    """As link scanners and previews do."""
    mine, before = served.cases["mine"].id, entries(served.bot)
    queries = ("", f"?as=amira&verb=accept&escalation={mine}&token={'T' * 24}", "?words=note+HF-2026-0001+x")
    for route in served.bot.application.router.routes():
        path = route.resource.canonical if route.resource else ""
        if "{" in path or path == "/live":
            continue
        for query in queries:
            for method in ("GET", "HEAD", "OPTIONS"):
                async with served.http.request(method, f"{served.url}{path}{query}") as response:
                    assert response.status < 500
    assert entries(served.bot) == before


async def test_every_reference_that_is_guessed_is_answered_alike(served: Served) -> None:
    theirs = await served.command("show HF-2026-0002")
    missing = await served.command("show HF-2026-0003")
    assert theirs.words.replace("0002", "0003") == missing.words


async def test_what_a_form_carries_is_not_believed(board: House) -> None:
    """Kai sends a form of his own with another's case and another's agency in it."""
    case = await board.agreed_to_take_part()
    before = board.now(case).version
    for kind in ("note", "propose"):
        sent = Submission(kind, {"case": case.id, "form_id": "f1"}, {"words": ("x y",), "own_side": ("no",)})
        answer = await board.bot.submit(KAI, sent)
        assert "Only people who take part" in words(answer) or "no longer applies" in words(answer)
    form = opened(await board.bot.press(KAI, Press("new")))
    form = opened(await board.submit(KAI, form, in_danger=("no",)))
    form = opened(await board.submit(KAI, form, elsewhere=("none",)))
    form = opened(await board.submit(KAI, form, **{**TOLD, "agency": ("riverbank",)}))
    await board.submit(KAI, form, named=(board.person("ben"),))
    raised = board.told[-1].state
    assert raised.sides["raising"].agency == "eastvale", "for his own agency, whatever was sent"
    assert board.now(case).version == before


async def test_somebody_who_left_in_the_middle_of_a_form_can_not_send_it(board: House) -> None:
    case = await board.agreed_to_take_part()
    form = opened(await board.bot.press(BEN, Press("note", case.id)))
    without = "\n".join(line for line in DIRECTORY.splitlines() if "id: ben," not in line)
    board.import_directory(without)
    answer = await board.submit(BEN, form, words=("What I still wanted to say",), own_side=("no",))
    assert "not in the directory" in words(answer)
    assert "What I still wanted to say" in words(answer), "his words are his own"
    assert "NoteAdded" not in board.events(case)
    assert form.carry[FORM_ID]


async def test_who_was_given_which_role_stands_in_a_record_that_shows_changes(board: House) -> None:
    """An administrator may give anybody a role, and can't have given it at another time."""
    changed = DIRECTORY.replace("{id: kai,", "{id: kai, roles: [sab_member],")
    assert read_directory(changed, "directory.yaml").agencies
    board.import_directory(changed)

    def last(reader: Reader) -> tuple[str, str]:
        [stream] = event_store.streams_of(reader, "directory")
        [header] = reader.connection.exec_driver_sql(
            "select header from events where stream_id = ? order by sequence desc limit 1", (stream,)
        ).scalars()
        return stream, str(header)

    stream, header = board.database.read_now(last)
    assert json.loads(header)["at"].endswith("+00:00")

    def later(transaction: Any) -> None:
        moved = header.replace('"at":"20', '"at":"19')
        transaction.connection.exec_driver_sql(
            "update events set header = ? where stream_id = ? and header = ?", (moved, stream, header)
        )

    assert not broken(board)
    board.database.write_now(later)
    assert broken(board)


def broken(board: House) -> list[str]:
    def checked(reader: Reader) -> list[str]:
        return [one.problem for one in verify(reader) if one.problem]

    return board.database.read_now(checked)


async def test_a_machines_clock_that_goes_back_a_day_loses_and_repeats_nothing(
    board: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await board.agreed_to_take_part()
    await board.note(case, "Before")
    real = datetime

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.now(tz) - timedelta(days=1)

    with monkeypatch.context() as back:
        back.setattr(clock_module, "datetime", Yesterday)
        await board.note(case, "Meanwhile")
        await board.sweep.run()
    await board.note(case, "After")
    await board.sweep.run()
    assert board.events(case).count("NoteAdded") == 3
    assert board.events(case).count("ReminderIssued") == 0
    assert not broken(board)
