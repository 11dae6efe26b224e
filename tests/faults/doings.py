"""What people do, each with a mark by which it is found again in the record."""

from __future__ import annotations

import json
import random
import re
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.board import DirectoryBook
from core import commands as c
from core import events as e
from core.directory import Directory
from core.escalation import Escalation
from core.events import AdultViews, Recorded
from tests.faults.board import Board, Doing
from tests.faults.model import refused
from tests.faults.workspace import Json, Reply, form, token
from tests.journeys.people import NORTHMOOR, RIVERBANK

TOLD = {
    "category": "concern-or-enquiry",
    "decision_asked": "A joint visit",
    "other_agency": NORTHMOOR,
    "adult_views": "own-words",
    "adult_words": "Wants to stay at home",
    "enquiry": "section-42",
}


@dataclass(frozen=True)
class Crowd:
    """Who may come along. `ids`: everybody's id in the record, by their id in the directory's file."""

    board: Board
    ids: dict[str, str]
    directory: Directory

    @classmethod
    def of(cls, board: Board) -> Crowd:
        directory = board.read(lambda reader: DirectoryBook().current(reader))
        found = {name: directory.by_file_id(name) for name in board.people}
        return cls(board, {name: person.id for name, person in found.items() if person}, directory)

    def acts(self, chance: random.Random, states: Collection[Escalation]) -> Doing:
        """What somebody might ask of one of a few cases; when few are open, another is raised."""
        under_way = [state for state in states if state.status == "open"]
        if len(under_way) < FEW and chance.random() < 0.4:
            return raises(self.board, "amira", self.ids[chance.choice(["ben", "farah"])])
        return self.asks(chance, chance.choice(under_way[-FEW:] or list(states)))

    def asks(self, chance: random.Random, case: Escalation, sense: float = 0.8) -> Doing:
        """What somebody might ask of a case as it stands. `sense`: how often it is something they may."""
        doing = self._anything(chance, case)
        sensible = chance.random() < sense
        for _ in range(TRIES):
            if not sensible or not refused(case, doing.command, self.ids[doing.who], self.directory):
                break
            doing = self._anything(chance, case)
        return doing

    def _anything(self, chance: random.Random, case: Escalation) -> Doing:
        board, ids = self.board, self.ids
        files = {person: name for name, person in ids.items()}
        here = [files[one.person] for one in case.taking_part() if one.person in files]
        who = chance.choice(here if chance.random() < 0.9 else sorted(ids))
        standing = case.proposal or case.outcome
        proposal = standing.id if standing else "made-up"
        kinds: list[tuple[int, Callable[[], Doing]]] = [
            (2, lambda: notes(board, who, case.id, case.reference)),
            (2, lambda: notes_in_form(board, who, case.id)),
            (1, lambda: views(board, who, case.id)),
            (2, lambda: proposes(board, who, case.id)),
            (4, lambda: agrees(board, who, case.id, proposal, ids[who])),
            (1, lambda: declines(board, who, case.id, proposal)),
            (1, lambda: moves_on(board, who, case.id, case.stage.opening)),
            (4, lambda: accepts(board, who, case.id, ids[who])),
        ]
        [make] = chance.choices([make for _, make in kinds], [weight for weight, _ in kinds])
        return make()


FEW, TRIES = 3, 8
MARK = re.compile("mark-[0-9a-f]{16}")


def mark() -> str:
    """Stands in what is typed."""
    return f"mark-{secrets.token_hex(8)}"


def traces(stream: str, entries: Iterable[Recorded]) -> list[tuple[str, int]]:
    """What is found of doings in a record, with the events' numbers: marks in what was typed, and presses."""
    found: list[tuple[str, int]] = []
    proposed: tuple[datetime, str] | None = None
    for entry in entries:
        person, event = entry.actor.person if entry.actor else "", entry.event
        found += [(mark, entry.sequence) for mark in set(MARK.findall(event.model_dump_json()))]
        if isinstance(event, e.InvolvementAccepted):
            found.append((_accepted(stream, person), entry.sequence))
        if isinstance(event, e.OutcomeAgreed) and proposed != (entry.at, person):
            found.append((_agreed(event.proposal, person), entry.sequence))
        # Whoever proposes may agree by that as well; it is no press of theirs.
        proposed = (entry.at, person) if isinstance(event, e.OutcomeProposed) else None
    return found


def _accepted(stream: str, person: str) -> str:
    return f"{person} takes part in {stream}"


def _agreed(proposal: str, person: str) -> str:
    return f"{person} agreed {proposal}"


def raises(board: Board, who: str, named: str) -> Doing:
    """Two steps: what was told in the first is kept until the second is sent. `named`: a person's id."""
    words, one = mark(), token()
    person = board.people[who]
    kept = False

    async def send(url: str) -> Reply:
        nonlocal kept
        if not kept:
            view = form("raise.tell", "", one)
            first = await person.sends(url, _carrying(view, one), {**TOLD, "account": words}, f"{one}-1")
            kept = bool(first.view and first.view["callback_id"] == "raise.who")
            if not kept:
                return first
        last = _carrying(form("raise.who", "", one), one, other_agency=NORTHMOOR)
        return await person.sends(url, last, {"named": named}, f"{one}-2")

    views = AdultViews(kind=TOLD["adult_views"], label="", words=TOLD["adult_words"])
    command = c.Raise(
        agency=RIVERBANK,
        other_agency=NORTHMOOR,
        category=TOLD["category"],
        enquiry=TOLD["enquiry"],
        in_danger=False,
        account=words,
        decision_asked=TOLD["decision_asked"],
        adult_views=views,
    )
    return Doing(who, "", command, send, words)


def _carrying(view: Json, form_id: str, **more: str) -> Json:
    carry = {"form_id": form_id, "in_danger": "no", "elsewhere": "none", **more}
    carried = json.dumps({"kind": view["callback_id"], "carry": carry})
    return {**view, "private_metadata": carried}


def notes(board: Board, who: str, case: str, reference: str) -> Doing:
    """`/escalate note`: sent again as Slack sends it again, with the same trigger."""
    words, one = mark(), token()
    person = board.people[who]
    return Doing(
        who,
        case,
        c.AddNote(words),
        lambda url: person.says(url, f"note {reference} {words} was typed", one),
        words,
    )


def _fills(
    board: Board,
    who: str,
    case: str,
    command: Callable[[str], c.Command],
    kind: str,
    field: str,
    about: str = "",
    **others: str,
) -> Doing:
    words, one = mark(), token()
    person = board.people[who]
    typed = {field: words, **others}
    return Doing(
        who,
        case,
        command(words),
        lambda url: person.fills(url, kind, case, typed, one, about),
        words,
    )


def notes_in_form(board: Board, who: str, case: str) -> Doing:
    return _fills(board, who, case, c.AddNote, "note", "words", own_side="no")


def views(board: Board, who: str, case: str) -> Doing:
    return _fills(board, who, case, c.AddView, "view", "words")


def moves_on(board: Board, who: str, case: str, opening: int) -> Doing:
    return _fills(
        board,
        who,
        case,
        lambda words: c.RecordNotResolved(words, opening),
        "not_resolved",
        "reason",
        str(opening),
    )


def proposes(board: Board, who: str, case: str) -> Doing:
    """Two steps as well: the words, and then whether to propose them."""
    words, one = mark(), token()
    person = board.people[who]
    kept = False

    async def send(url: str) -> Reply:
        nonlocal kept
        if not kept:
            typed = {"words": words, "reflects_views": "As he wants it", "actions_0": "no"}
            first = await person.sends(url, form("propose", case, one), typed, f"{one}-1")
            kept = bool(first.view and first.view["callback_id"] == "propose.check")
            if not kept:
                return first
        return await person.sends(url, form("propose.check", case, one), {}, f"{one}-2")

    return Doing(who, case, c.ProposeOutcome(words, "As he wants it"), send, words)


def declines(board: Board, who: str, case: str, proposal: str) -> Doing:
    return _fills(
        board, who, case, lambda words: c.DeclineOutcome(proposal, words), "decline", "reason", proposal
    )


def _presses(board: Board, who: str, case: str, command: c.Command, value: str, trace: str) -> Doing:
    person, one = board.people[who], token()
    return Doing(who, case, command, lambda url: person.presses(url, value, one), trace)


def accepts(board: Board, who: str, case: str, person: str) -> Doing:
    """`person`: their id in the record."""
    return _presses(board, who, case, c.AcceptInvolvement(), f"accept:{case}:", _accepted(case, person))


def agrees(board: Board, who: str, case: str, proposal: str, person: str) -> Doing:
    value = f"agree:{case}:{proposal}"
    return _presses(board, who, case, c.AgreeOutcome(proposal), value, _agreed(proposal, person))
