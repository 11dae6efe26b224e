"""The process is killed without warning, twenty times in one journey, and started again on the same files."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import pytest
from sqlalchemy import select

from core.events import Event, NoteAdded, NotResolvedRecorded, ReminderIssued, StageOpened, ViewAdded
from storage import event_store
from storage.database import Database, Reader
from storage.sealing import Sealing
from storage.tables import outbox
from storage.verify import verify
from tests.journeys.conftest import Begin
from tests.journeys.slack import SlackSurface
from tests.journeys.story import DIRECT, Story
from tests.slack_workspace import BOT_USER
from tests.stand_in import NotDelivered

pytestmark = pytest.mark.slack
T = TypeVar("T")
SEED = 20261130
POINTS = ["note said"] * 6 + ["note written"] * 5 + ["view"] * 2 + ["time"] * 5 + ["moved on"] * 2
LONGEST = 0.12
"""Seconds after which the process is killed at the latest: what is being done takes about a tenth of that,
and sending what it leads to the rest.
"""


@dataclass
class Kept:
    """What people were told is done, and how often they tried: all of it must be in the record."""

    acknowledged: list[str]
    tried: Counter[str]


@dataclass
class Doing:
    """Something that a person does, and how they do it again when it didn't seem to work."""

    words: str
    do: Callable[[], Awaitable[object]]
    again: Callable[[], Awaitable[object]]


async def test_nothing_acknowledged_is_lost_and_nothing_queued_twice(begin: Begin) -> None:
    points, chance, kept = list(POINTS), random.Random(SEED), Kept([], Counter())
    chance.shuffle(points)
    async with begin("slack alone") as story:
        await story.raises("amira")
        await story.presses("ben", "I'm the right person", on=DIRECT)
        for point in points:
            doing = await _prepared(story, point)
            await _killed_meanwhile(story, doing, chance.uniform(0, LONGEST), kept)
            await story.bot.settled()
        await story.next_thing_due()
        slack = _slack(story).slack
        await story.bot.settled()
        await slack._settle()
        events = _events(story)
        _nothing_acknowledged_is_missing(events, kept)
        _no_reminder_is_queued_twice(story, events)
        doubled = _doubled(story)
        again = sum(line["count"] for line in story.bot.log_lines() if "arrive_twice" in line["event"])
        assert doubled <= again, "a message is doubled only where a kill fell between sending and marking"
        print(f"{len(points)} kills: {again} messages were on their way then, {doubled} arrived twice")  # noqa: T201


async def _prepared(story: Story, point: str) -> Doing:
    """All but the last press, which is what the kill falls into."""
    surface, user = _slack(story), story.people.users["amira"]
    words = story.words(point)
    if point == "time":
        move = lambda: story.bot.press_clock("next_thing_due")  # noqa: E731
        return Doing("", move, move)
    if point == "note said":
        say = lambda: surface.say("amira", f"note {story.reference} {words}")  # noqa: E731
        return Doing(words, say, say)
    if point == "note written":
        form = await story.chooses_more("amira", "Add a note")
    elif point == "view":
        form = await story.opens("amira", "Add our view", about=story.reference)
    else:
        stage = story.stage_in((await story.card("amira")).words)
        form = await story.chooses_more("amira", f"Not resolved: go to Stage {stage + 1}")
    typed, view = {form.fields[0].label: words}, surface.slack.form_of(user)
    return Doing(
        words,
        lambda: surface.slack.submit(user, typed),
        lambda: surface.slack.submit_again(user, view, typed),
    )


async def _killed_meanwhile(story: Story, doing: Doing, after: float, kept: Kept) -> None:
    kept.tried[doing.words] += 1
    under_way = asyncio.ensure_future(doing.do())
    await asyncio.sleep(after)
    await story.bot.kill()
    if not await _worked(under_way):
        await story.bot.start()
        kept.tried[doing.words] += 1
        await doing.again()
    else:
        await story.bot.start()
    kept.acknowledged.append(doing.words)
    story.something_happened()


async def _worked(under_way: Awaitable[object]) -> bool:
    try:
        await under_way
    except (NotDelivered, aiohttp.ClientError):
        return False
    return True


def _read(story: Story, read: Callable[[Reader], T]) -> T:
    """The database as it is on disk."""
    database = Database(f"sqlite:///{story.bot.database}", Sealing.from_text(story.bot.key))
    try:
        return database.read_now(read)
    finally:
        database.close()


def _events(story: Story) -> list[Event]:
    """The record, its chain checked."""

    def read(reader: Reader) -> list[Event]:
        assert [checked.problem for checked in verify(reader)] == ["", ""], "a case, and the directory"
        stream = event_store.stream_of(reader, story.reference)
        assert stream is not None
        return [entry.event for entry in event_store.events(reader, stream)]

    return _read(story, read)


def _nothing_acknowledged_is_missing(events: list[Event], kept: Kept) -> None:
    found = Counter(event.words for event in events if isinstance(event, NoteAdded | ViewAdded))
    found += Counter(event.reason for event in events if isinstance(event, NotResolvedRecorded))
    for words in filter(None, kept.acknowledged):
        assert 1 <= found[words] <= kept.tried[words], words
        if "note said" not in words:  # a form that is sent again is one form; a command is another command
            assert found[words] == 1, words
    assert len([event for event in events if isinstance(event, StageOpened)]) == 1 + POINTS.count("moved on")


def _no_reminder_is_queued_twice(story: Story, events: list[Event]) -> None:
    issued = [event for event in events if isinstance(event, ReminderIssued)]
    promised = Counter((each.opening, each.key, each.part) for each in issued)
    assert promised, "there were reminders"
    assert max(promised.values()) == 1, promised.most_common(3)
    [(queued,)] = story.bot.ask("select count(*) from outbox where kind = 'reminder'")
    assert queued == sum(len(each.people) for each in issued)
    [(given_up,)] = story.bot.ask("select count(*) from outbox where state = 'failed'")
    assert given_up == 0


def _doubled(story: Story) -> int:
    """How many messages stand in Slack that the outbox knows nothing of: it sent each of them again.

    All that it does know of stand there.
    """

    def read(reader: Reader) -> set[str]:
        rows = reader.connection.execute(select(outbox.c.id, outbox.c.message)).all()
        return {
            reader.board.open(f"outbox/{row.id}/message", row.message).decode() for row in rows if row.message
        }

    slack, known = _slack(story).slack, _read(story, read)
    there = {
        f"{channel}/{message['ts']}"
        for channel in slack.channels
        for message in slack.messages(channel)
        if message.get("user") == BOT_USER
    }
    assert known <= there, "what is marked as sent has arrived"
    return len(there - known)


def _slack(story: Story) -> SlackSurface:
    surface = story.surfaces["amira"]
    assert isinstance(surface, SlackSurface)
    return surface
