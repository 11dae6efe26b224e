"""What the bot answers to one person alone: what was done, why not, a list, help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import commands as c
from core.cards.model import (
    Banner,
    Button,
    Buttons,
    Card,
    CardPart,
    Moment,
    Piece,
    Say,
    Text,
    line,
    quiet,
    strong,
)
from core.cards.phrases import agencies, chair_told, danger_banner, headline, names, open_button, stage_words
from core.cards.plain import day_in_england
from core.escalation import Escalation
from core.pathway import Pathway
from core.refusals import Refusal
from core.reminders import Asked, whose_move

HELP: tuple[tuple[str, str], ...] = (
    ("new", "raise a professional disagreement"),
    ("list", "cases you take part in"),
    ("list overdue", "those whose time has ended"),
    ("list all", "all that you may see, closed ones too"),
    ("show HF-2026-0001", "open a case"),
    ("note HF-2026-0001 Phoned the ward", "add a note to its record"),
    ("help", "this"),
)


def help_card(about: str, pathway: Pathway) -> Card:
    parts: list[CardPart] = [strong(about)] if about else []
    parts.append(line("This is what you can say:"))
    parts += [line(Say(words=words), f" — {meaning}") for words, meaning in HELP]
    parts.append(Banner(text=pathway.danger.banner))
    parts.append(Buttons(buttons=(Button(label="Raise an escalation", verb="new", style="primary"),)))
    return Card(summary="What you can say to Escalate", parts=tuple(parts))


def refused_card(refusal: Refusal, state: Escalation | None, *, may_see: bool) -> Card:
    """Why not, and what to do next; with a way into the case for whoever may see it."""
    parts: list[CardPart] = [strong(*refusal.text)]
    if state and state.raised and may_see:
        parts.append(Buttons(buttons=(open_button(state, "Open the case as it is now"),)))
    return Card(summary="This can't be done now", parts=tuple(parts))


def stranger_card(refusal: Refusal, pathway: Pathway) -> Card:
    """For an account that isn't in the directory: what to do about danger, and whom to ask."""
    parts = (strong(*refusal.text), *(line(sentence) for sentence in pathway.danger.lines()))
    return Card(summary="This account isn't in the directory yet", parts=parts)


def destroyed_card(state: Escalation) -> Card:
    """All that is left to say of a record that was destroyed."""
    assert state.closed_at
    assert state.destroyed_at
    raised, closed = day_in_england(state.raised_at), day_in_england(state.closed_at)
    where = f" at {state.stage.name}" if state.stage.name else ""
    first = f"{state.reference} was raised on {raised} and closed on {closed}{where}."
    gone = f"Its record was destroyed on {day_in_england(state.destroyed_at)}. Nobody can read it any more."
    return Card(summary=f"{state.reference}: its record was destroyed", parts=(strong(first), line(gone)))


@dataclass(frozen=True)
class Listed:
    """A row of a list: the case, and whether its window has ended."""

    state: Escalation
    overdue_since: datetime | None


LISTS = {
    "mine": ("Cases you take part in", "You take part in no open case."),
    "overdue": ("Cases whose time has ended", "No case of yours is past its time."),
    "all": ("All cases you may see", "There is no case that you may see."),
}
MOST_LISTED = 15


def list_card(which: str, rows: Sequence[Listed], total: int) -> Card:
    title, empty = LISTS[which]
    if not rows:
        return Card(summary=empty, parts=(line(empty), _new_button()))
    parts: list[CardPart] = [strong(f"{title}: {total}")]
    for row in rows:
        parts.append(line(row.state.reference, " · ", *_where(row)))
        parts.append(Buttons(buttons=(open_button(row.state, f"Open {row.state.reference}"),)))
    if total > len(rows):
        parts.append(quiet(f"These are the {len(rows)} due first. Use show with a reference for the others."))
    return Card(summary=f"{title}: {total}", parts=tuple(parts))


def _where(row: Listed) -> Text:
    words: list[Piece] = [f"{agencies(row.state)} · {stage_words(row.state)} · ", *headline(row.state)]
    if row.state.in_danger:
        words.insert(0, "▲ Risk of immediate harm · ")
    if row.overdue_since and whose_move(row.state).asked is not Asked.LAPSED:  # else it is said already
        words += [" · its time ended ", Moment(at=row.overdue_since)]
    return tuple(words)


def _new_button() -> Buttons:
    return Buttons(buttons=(Button(label="Raise an escalation", verb="new"),))


DONE: dict[type, str] = {
    c.AcceptInvolvement: "You take part. Open the case to read it.",
    c.AskToDestroy: "It is asked for. The words go when a second person agrees.",
    c.AgreeToDestroy: "The words are destroyed. Everybody who could read them is told.",
    c.KeepEntry: "The entry stays as it is. Whoever asked is told.",
    c.PassOnInvolvement: "Thank you. They are told, and nothing more is asked of you.",
    c.NameContact: "They are asked to take part. They see the case when they say it is for them.",
    c.FillRole: "They are told, and lead for your side now.",
    c.AddView: "Your view is in the record. Everybody who takes part can read it.",
    c.AddNote: "Your note is in the record.",
    c.RecordContactAttempt: "The attempt is in the record.",
    c.AnswerDanger: "Your answer is in the record, and everybody who takes part is told.",
    c.ProposeOutcome: "Your proposal is in the record. Those who may agree it are asked.",
    c.DeclineOutcome: "Your answer is in the record, with the reason. Everybody who takes part is told.",
    c.CompleteAction: "Thank you. It is in the record as done.",
    c.PostponeAction: "The new day is in the record. You are asked again then.",
    c.SendAgain: "It is being sent again, and the record says so.",
}


def done_card(command: c.Command, state: Escalation, pathway: Pathway) -> Card:
    """What was done, and what happens next."""
    first, *others = _done_lines(command, state)
    parts: list[CardPart] = [*danger_banner(state), strong(*first), *(line(*other) for other in others)]
    if isinstance(command, c.Raise | c.AnswerDanger) and command.in_danger:
        parts += [line(sentence) for sentence in pathway.danger.lines()]
    parts.append(Buttons(buttons=(open_button(state),)))
    return Card(summary=f"{state.reference}: done", parts=tuple(parts))


def _done_lines(command: c.Command, state: Escalation) -> list[Text]:
    if isinstance(command, c.AddNote) and command.own_side_only:
        return [("Your note is in the record. Only your own side can read it.",)]
    if isinstance(command, c.Raise):
        return _raised(state)
    if isinstance(command, c.RecordNotResolved):
        return _moved(state)
    if isinstance(command, c.AgreeOutcome | c.ProposeOutcome) and state.outcome:
        return [("The outcome is agreed. Everybody who took part can read it.",)]
    if isinstance(command, c.AgreeOutcome):
        return [("You agreed the outcome for your agency.",), headline(state)]
    return [(DONE[type(command)],), (f"{state.reference} · ", *headline(state))]


def _raised(state: Escalation) -> list[Text]:
    asked = names([p.name for p in state.taking_part() if not p.confirmed])
    lines: list[Text] = [(f"{state.reference} is raised.",)]
    lines.append((f"{asked} hears of it now." if asked else "Nobody there is named yet: please phone them.",))
    lines.append(headline(state))
    return lines


def _moved(state: Escalation) -> list[Text]:
    if state.exhausted:
        return [(chair_told(state),), ("The case stays open until an outcome is agreed.",)]
    leaders = names([leader.name for leader in state.stage.leaders])
    lines: list[Text] = [(f"{state.stage.name} has begun.",)]
    if leaders:
        lines.append((f"It is for {leaders} now.",))
    lines += [
        (f"Nobody is named for {state.sides[gap.side].agency_name} yet: its people are asked who.",)
        for gap in state.open_roles
    ]
    return lines
