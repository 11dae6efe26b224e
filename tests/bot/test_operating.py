"""What whoever runs the bot sees, over the real server and the real command line: it tells of no case."""

from __future__ import annotations

import asyncio
import base64
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.conversation import Press
from core.events import DeliveryRepeated
from storage import outbox
from storage.database import Database
from tests.bot.made import AMIRA, BEN, KEY
from tests.bot.served import TYPED, Served, serve, token

ROOT = Path(__file__).parents[2]
NEVER_SHOWN = ("Invented", "Riverbank", "Northmoor", "UAMIRA", "C0001", TYPED, "cold", "joint visit")
LABELS = {"platform", "outcome", "state", "check", "who", "le", "version", "python"}
LONG_AGO = timedelta(minutes=10)


@dataclass
class Operator:
    """Holds what whoever runs this server can hold."""

    served: Served
    folder: Path

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.served.http.get(f"{self.served.url}{path}") as response:
            return response.status, await (response.json() if path == "/readyz" else response.text())

    async def metrics(self) -> dict[tuple[str, ...], float]:
        """Each sample by its name and the values of its labels, in the order of these labels' names."""
        status, page = await self.get("/metrics")
        assert status == 200
        samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
        return {
            (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
            for sample in samples
        }

    async def command(self, *words: str, keys: bool = True) -> tuple[int, str, str]:
        """`python -m bot WORDS` beside the server: its exit code, and what it said on both outputs."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"sqlite:///{self.folder / 'escalate.db'}",
            "ENCRYPTION_KEYS": base64.b64encode(KEY).decode() if keys else "",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *words),
            cwd=self.folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, said.decode(), complained.decode()

    async def listed(self, *words: str) -> list[list[str]]:
        """The lines of the list, in words; those of the headings and the sums left out."""
        code, said, _ = await self.command("outbox", *words, keys=False)
        assert code == 0
        return [line.split() for line in said.splitlines() if line.split()[0].isdigit() and "HF-" in line]

    async def note(self) -> None:
        await self.served.command(f"note {self.served.cases['mine'].reference} {TYPED}")
        await self.served.bot.courier.settle()

    async def loses_its_channels(self) -> None:
        """Slack lets the bot into no channel any more; people hear on the page."""
        self.served.web_api.refuse("chat.postMessage", "channel_not_found")
        self.served.web_api.refuse("chat.update", "channel_not_found")
        await self.note()

    def gets_its_channels_back(self) -> None:
        self.served.web_api.answers.clear()

    @property
    def database(self) -> Database:
        return self.served.bot.database

    def failed(self) -> int:
        return self.database.read_now(outbox.counts)["failed"]


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with serve(tmp_path) as served:
        yield Operator(served, tmp_path)


async def test_a_server_in_order_is_ready_and_raises_no_alarm(operator: Operator) -> None:
    status, report = await operator.get("/readyz")
    assert (status, report["status"]) == (200, "ok")
    assert set(report["checks"]) == {"database", "schema", "scheduler", "courier", "nothing_late"}
    found = await operator.metrics()
    assert {found["escalate_alarm", check] for check in report["checks"]} == {0}
    assert found["escalate_late_cases",] == found["escalate_late_notices",] == 0


async def test_what_people_ask_is_counted_by_what_came_of_it(operator: Operator) -> None:
    before = await operator.metrics()
    await operator.note()
    await operator.served.command("list")
    await operator.served.press(f"send_again:{operator.served.cases['mine'].id}:raising")
    await operator.served.slack("command=%2Fescalate", {})  # nobody signed it
    after = await operator.metrics()

    def more(*sample: str) -> float:
        return after[sample] - before.get(sample, 0)

    assert more("escalate_request_seconds_count", "answered", "slack") == 3
    assert more("escalate_request_seconds_count", "turned_away", "slack") == 1
    assert more("escalate_commands_total", "decided") == 1
    assert more("escalate_commands_total", "refused") == 1
    assert more("escalate_events_total") == 1
    assert more("escalate_database_pieces_total") >= more("escalate_database_commits_total") > 0
    assert more("escalate_deliveries_total", "delivered", "slack") > 0
    assert after["escalate_request_errors_total", "slack"] == 0


async def test_the_page_of_metrics_tells_of_nobody_and_no_case(operator: Operator) -> None:
    await operator.loses_its_channels()
    await operator.served.page("/say", {"as": "amira", "token": token(), "words": f"show {TYPED}"})
    await operator.get(f"/{TYPED}")
    _, page = await operator.get("/metrics")
    _, report = await operator.get("/readyz")
    for words in (*NEVER_SHOWN, "HF-2026", *(case.id for case in operator.served.cases.values())):
        assert words not in page
        assert words not in str(report)
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    assert {label for sample in samples for label in sample.labels} <= LABELS
    assert {sample.labels["platform"] for sample in samples if "platform" in sample.labels} == {
        "slack",
        "web",
    }


async def test_where_nothing_waits_one_line_says_so(operator: Operator) -> None:
    assert await operator.command("outbox", keys=False) == (0, "Nothing waits, and nothing failed.\n", "")
    code, said, _ = await operator.command("outbox", "retry", "--all-failed")
    assert (code, said) == (0, "Nothing failed, so nothing is sent again.\n")


async def test_what_failed_is_shown_everywhere_and_is_no_alarm(operator: Operator) -> None:
    await operator.loses_its_channels()
    assert operator.failed() > 0
    status, report = await operator.get("/readyz")
    assert (status, report["outbox"]["failed"]) == (200, operator.failed())
    found = await operator.metrics()
    assert found["escalate_notices", "failed"] == found["escalate_notices_given_up_total",]
    assert found["escalate_deliveries_total", "unreachable", "slack"] > 0
    code, said, _ = await operator.command("outbox", keys=False)
    assert code == 0
    assert said.startswith(f"{operator.failed()} failed, 0 being sent, 0 waiting\n")
    assert operator.served.cases["mine"].reference in said
    assert "a line under the case card" in said
    assert "channel_not_found" in said
    assert not [words for words in NEVER_SHOWN if words in said]


async def test_one_is_sent_again_and_the_record_of_its_case_says_so(operator: Operator) -> None:
    await operator.loses_its_channels()
    first, *others = await operator.listed("--failed")
    operator.gets_its_channels_back()
    assert await operator.command("outbox", "retry", first[0]) == (0, "1 will be sent again.\n", "")
    operator.served.bot.courier.wake()
    await operator.served.bot.courier.settle()
    assert [line[0] for line in await operator.listed()] == [line[0] for line in others]
    case = operator.served.cases["mine"]
    entries = operator.database.read_now(lambda reader: operator.served.bot.cases.entries(reader, case.id))
    again = [entry for entry in entries if isinstance(entry.event, DeliveryRepeated)]
    assert [entry.actor for entry in again] == [None]


async def test_all_that_failed_is_sent_again(operator: Operator) -> None:
    await operator.loses_its_channels()
    many = operator.failed()
    operator.gets_its_channels_back()
    code, said, _ = await operator.command("outbox", "retry", "--all-failed")
    assert (code, said) == (0, f"{many} will be sent again.\n")
    operator.served.bot.courier.wake()
    await operator.served.bot.courier.settle()
    assert await operator.listed() == []


async def test_a_number_that_did_not_fail_is_named_and_nothing_is_sent_again(operator: Operator) -> None:
    await operator.loses_its_channels()
    failed = operator.failed()
    [first, *_] = await operator.listed("--failed")
    code, said, complained = await operator.command("outbox", "retry", first[0], "123456")
    assert (code, said) == (1, "")
    assert complained.startswith("123456: nothing of that number")
    assert operator.failed() == failed
    code, _, complained = await operator.command("outbox", "retry")
    assert (code, complained.count("\n")) == (2, 1)


async def test_somebody_who_takes_part_sends_it_again_from_the_case(operator: Operator) -> None:
    await operator.loses_its_channels()
    bot, case = operator.served.bot.bot, operator.served.cases["mine"]
    form = await bot.press(BEN, Press("open", case.id))
    assert "Not delivered to the channel of" in form.model_dump_json()
    operator.gets_its_channels_back()
    await bot.press(AMIRA, Press("send_again", case.id, "raising"))
    await bot.press(AMIRA, Press("send_again", case.id, "challenged"))
    await operator.served.bot.courier.settle()
    assert operator.failed() == 0
    form = await bot.press(BEN, Press("open", case.id))
    assert "Not delivered" not in form.model_dump_json()
    assert "sent again" in form.model_dump_json()


async def test_a_schema_that_this_program_does_not_know_is_not_ready(operator: Operator) -> None:
    with closing(sqlite3.connect(operator.folder / "escalate.db")) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")
    status, report = await operator.get("/readyz")
    assert (status, report["checks"]["schema"]) == (503, False)
    assert (await operator.metrics())["escalate_alarm", "schema"] == 1


@pytest.mark.parametrize("who", ["scheduler", "courier"])
async def test_one_that_lives_and_does_nothing_is_found_out(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    bot, before, stuck = operator.served.bot, datetime.now(UTC) - LONG_AGO, asyncio.Event()

    async def stands_still() -> None:
        stuck.set()
        await asyncio.Event().wait()

    if who == "scheduler":
        bot.sweep.swept_at = before
    else:
        monkeypatch.setattr(bot.courier, "_look", stands_still)
        bot.courier.wake()
        await stuck.wait()
        bot.courier.looked_at = before
    status, report = await operator.get("/readyz")
    assert (status, report["checks"][who]) == (503, False)
    found = await operator.metrics()
    assert found["escalate_alarm", who] == 1
    looks = {"scheduler": "sweep", "courier": "courier"}[who]
    assert found["escalate_seconds_since_look", looks] >= LONG_AGO.total_seconds()


async def test_a_database_that_cannot_be_read_is_said_and_the_page_of_metrics_stays(
    operator: Operator,
) -> None:
    operator.database.close()
    status, report = await operator.get("/readyz")
    assert (status, report["checks"]["database"]) == (503, False)
    found = await operator.metrics()
    assert found["escalate_alarm", "database"] == 1
    assert ("escalate_late_cases",) not in found


async def test_a_promise_not_kept_is_in_the_log_once_then_hourly_then_that_it_is_over(
    operator: Operator,
) -> None:
    bot, noon = operator.served.bot, datetime(2026, 11, 23, 12, tzinfo=UTC)

    async def said_at(minutes: int) -> list[str]:
        before = len(operator.served.log.lines)
        await bot.auditor.look(noon + timedelta(minutes=minutes))
        return [line for line in operator.served.log.lines[before:] if "alarm" in line]

    assert await said_at(0) == []
    bot.clock.move_to(bot.clock.now() + timedelta(days=30))  # and nobody has swept yet
    [began] = await said_at(1)
    assert "alarm_began" in began
    assert "nothing_late" in began
    assert '"cases": 2' in began
    assert await said_at(59) == []
    [lasts] = await said_at(61)
    assert "alarm_lasts" in lasts
    assert '"minutes": 60' in lasts
    assert await said_at(62) == []
    assert (await operator.metrics())["escalate_late_cases",] == 2
    await bot.sweep.run()
    await bot.courier.settle()
    [over] = await said_at(70)
    assert "alarm_over" in over
    assert (await operator.metrics())["escalate_ticks_total",] >= 2
