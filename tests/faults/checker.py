"""After everything has recovered: what people were told, what is stored, and what was delivered, compared.

Three accounts of the same hours, each kept by somebody else: the clients' (tests.faults.board), the record's
(events, folded here again from nothing), and the platform's (tests.faults.workspace).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import select

from adapters.slack import render
from bot.board import DirectoryBook, Pathways
from bot.cases import _listed_for, _row
from bot.people import People
from bot.settings import SHIPPED_PATHWAY
from core.cards.case import case_card
from core.decisions.deciding import Context
from core.escalation import Escalation, fold
from core.events import Recorded
from core.pathway import read_pathway
from core.telling import notices_for
from storage import event_store, outbox
from storage.database import Reader
from storage.tables import escalations, participants
from storage.tables import outbox as outbox_table
from storage.verify import verify
from tests.faults.board import Board, Doing
from tests.faults.doings import traces
from tests.faults.workspace import Told

PATHWAYS = Pathways(read_pathway(SHIPPED_PATHWAY.read_text(), SHIPPED_PATHWAY.name))


@dataclass
class Found:
    """`doubled`: messages that arrived twice. `wrong`: everything that must not be, in words."""

    events: int = 0
    notices: int = 0
    messages: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Stored:
    """Everything in the database, read in one transaction."""

    streams: dict[str, tuple[Recorded, ...]]
    rows: dict[str, dict[str, object]]
    listed: dict[str, set[tuple[str, str]]]
    notices: list[dict[str, Any]]
    cards: dict[tuple[str, str], str]
    """By stream and place: the message that is the case's live card there."""
    rooms: dict[str, set[str]]
    expected: dict[str, set[str]]
    """By stream: the keys of all decisions and reminders that its events must have queued."""
    broken: list[str]


def check(board: Board, *, uncertain: bool = False, settled: bool = True) -> Found:
    """`uncertain`: the database may have kept what it said it didn't (a COMMIT whose answer was lost).
    `settled`: all that could be sent was.
    """
    stored = board.read(_stored)
    found = Found()
    found.wrong += stored.broken
    found.events = sum(len(entries) for entries in stored.streams.values())
    _acknowledged(board.doings, stored, found, uncertain=uncertain)
    _references(stored, found)
    _rows(stored, found)
    _queued(stored, found)
    if settled:
        _delivered(board, stored, found)
    return found


def _stored(reader: Reader) -> Stored:
    broken = [f"{each.stream_id}: {each.problem}" for each in verify(reader) if each.problem]
    streams = {
        stream: tuple(event_store.events(reader, stream))
        for stream in event_store.streams_of(reader, "escalation")
    }
    rows = {row.stream_id: dict(row._mapping) for row in reader.connection.execute(select(escalations))}
    listed: dict[str, set[tuple[str, str]]] = {}
    for one in reader.connection.execute(select(participants)):
        listed.setdefault(one.stream_id, set()).add((one.person, one.side))
    notices = []
    for row in reader.connection.execute(select(outbox_table).order_by(outbox_table.c.id)):
        known = dict(row._mapping)
        for name in ("message", "place"):
            sealed = known[name]
            known[name] = reader.board.open(f"outbox/{row.id}/{name}", sealed).decode() if sealed else ""
        notices.append(known)
    cards, rooms = {}, {}
    for stream, entries in streams.items():
        state = fold(entries, id=stream)
        rooms[stream] = {side.room for side in state.sides.values() if side.room}
        for place in rooms[stream]:
            live = outbox.card_of(reader, stream, place)
            if live:
                cards[stream, place] = live.message
    expected = {stream: _expected(reader, stream, entries) for stream, entries in streams.items()}
    return Stored(streams, rows, listed, notices, cards, rooms, expected, broken)


def _expected(reader: Reader, stream: str, entries: tuple[Recorded, ...]) -> set[str]:
    """What each decision had to tell, made anew from the record alone. One decision has one moment."""
    directory, people = DirectoryBook().current(reader), People(["slack", "web"])

    def room_of(agency: str) -> str:
        return people.room_of(directory, agency)

    keys, state = set[str](), Escalation(id=stream)
    for at, together in groupby(entries, key=lambda entry: entry.at):
        decided = tuple(together)
        context = Context(at, decided[0].actor, PATHWAYS.current, directory, str, room_of)
        keys |= {each.key for each in notices_for(state, decided, context) if each.kind != "card"}
        state = fold(decided, state)
    return keys


def _acknowledged(doings: list[Doing], stored: Stored, found: Found, *, uncertain: bool) -> None:
    """Told "done": it is there, once. Told that it isn't: it isn't. Told nothing: there at most once."""
    times: Counter[str] = Counter()
    for stream, entries in stored.streams.items():
        times.update(trace for trace, _ in traces(stream, entries))
    asked: dict[str, list[Doing]] = {}
    for doing in doings:
        asked.setdefault(doing.trace, []).append(doing)
    for trace, together in asked.items():
        least = sum(doing.told is Told.DONE for doing in together)
        # Whoever was told nothing the first time may be refused the second time because it was done.
        most = least + sum(
            doing.told is not Told.DONE and (uncertain or doing.unanswered > 0) for doing in together
        )
        if not least <= times[trace] <= most:
            told = [(doing.who, doing.command, doing.told.value) for doing in together]
            found.wrong.append(f"{times[trace]} in the record, and people were told {told}")


def _references(stored: Stored, found: Found) -> None:
    """Numbered from 1 without a gap, each once, and a case for each stream."""
    references = sorted(str(row["reference"]) for row in stored.rows.values())
    expected = [f"{references[0][:-4]}{number:04d}" for number in range(1, len(references) + 1)]
    if references and references != expected:
        found.wrong.append(f"the references are {references}")
    if set(stored.rows) != set(stored.streams):
        found.wrong.append("not every stream has its row")


def _rows(stored: Stored, found: Found) -> None:
    """What lists and sweeps read is what the record says."""
    for stream, entries in stored.streams.items():
        state = fold(entries, id=stream)
        row, known = _row(state), stored.rows.get(stream)
        for name in ("reference", "status", "stage", "raised_at", "next_due_at", "window_ends_at"):
            if known and known[name] != getattr(row, name):
                found.wrong.append(f"{row.reference}: {name} is {known[name]}, not {getattr(row, name)}")
        if stored.listed.get(stream, set()) != _listed_for(state):
            found.wrong.append(f"{row.reference}: its people are {stored.listed.get(stream)}")


def _queued(stored: Stored, found: Found) -> None:
    """Each notice in the transaction of its cause, once; none without one."""
    for stream, keys in stored.expected.items():
        queued = [str(each["key"]) for each in stored.notices if each["stream_id"] == stream]
        told = {str(x["key"]) for x in stored.notices if x["stream_id"] == stream and x["kind"] != "card"}
        doubled = [key for key, times in Counter(queued).items() if times > 1]
        if doubled or told != keys:
            found.wrong.append(f"queued twice {doubled}, missing {keys - told}, too much {told - keys}")


def _delivered(board: Board, stored: Stored, found: Found) -> None:
    """All that was queued has arrived, but what was overtaken; what arrived beside it arrived twice."""
    slack, now = board.workspace, board.now()
    found.notices, found.messages = len(stored.notices), len(slack.posted)
    for each in stored.notices:
        later = each["state"] == "waiting" and each["kind"] == "reminder" and each["not_before"] > now
        if each["state"] not in {"sent", "dropped"} and not later:
            found.wrong.append(f"{each['key']} is {each['state']}, after {each['attempts']} tries")
        if each["state"] == "sent" and each["message"] not in slack.messages:
            found.wrong.append(f"{each['key']} is marked as sent, and never arrived")
    known = {each["message"] for each in stored.notices}
    found.doubled = sum(1 for message in slack.posted if message not in known)
    for stream, entries in stored.streams.items():
        state = fold(entries, id=stream)
        for place in stored.rooms[stream]:
            message = slack.messages.get(stored.cards.get((stream, place), ""))
            if message is None or message["blocks"] != render.message(case_card(state))["blocks"]:
                found.wrong.append(f"{state.reference}: the card in {place} doesn't show the case as it is")
