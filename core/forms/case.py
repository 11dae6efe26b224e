"""The case, opened: a brief on one screen for somebody who comes in cold (N3), then what happened."""

from __future__ import annotations

from collections.abc import Sequence

from core.access import Ability, may
from core.cards.model import (
    Button,
    Buttons,
    Day,
    Fact,
    Facts,
    Form,
    FormPart,
    Heading,
    Line,
    Moment,
    Quote,
    Text,
    line,
    quiet,
    strong,
)
from core.cards.phrases import agencies, danger_banner, headline, stage_words
from core.escalation import Escalation, Proposal
from core.forms.destroying import destroy_button, waiting_parts
from core.forms.form import CASE, OBJECT, Answers, Carry, Desk, FormKind, number
from core.forms.outcome import outcome_parts
from core.forms.undelivered import undelivered_parts
from core.record import Entry, chronology, written_words

LATEST = 99_999
ENTRIES_A_PAGE, LETTERS_A_PAGE = 12, 15_000
"""A form has at most 100 parts on some platforms, each of at most 3,000 letters."""


def case(desk: Desk, carry: Carry, answers: Answers) -> Form:
    state = desk.case
    parts: list[FormPart] = [
        *danger_banner(state),
        strong(*headline(state)),
        line(f"{state.reference} · {stage_words(state)} · {agencies(state)}"),
        Buttons(buttons=next_steps(desk)),
        *undelivered_parts(desk),
        *_brief(state),
        *_outcome(state),
        *waiting_parts(state, desk.viewer.id),
        *_history(desk, LATEST),
    ]
    return Form(kind="case", title=state.reference, parts=tuple(parts), carry=dict(carry))


def _brief(state: Escalation) -> list[FormPart]:
    assert state.raised is not None
    raised = state.raised
    parts: list[FormPart] = [Heading(text="The decision asked for"), Quote(words=raised.decision_asked)]
    facts = [
        Fact(label="Raised by", text=(f"{state.raiser_name} ({state.raising_side.agency_name})",)),
        Fact(label="What it is about", text=(raised.category_label,)),
        Fact(label="Enquiry", text=(raised.enquiry_label,)),
    ]
    if raised.answer_by:
        facts.append(Fact(label="Needed by", text=(Day(on=raised.answer_by),)))
    if raised.own_reference:
        facts.append(Fact(label="Their own reference", text=(raised.own_reference,)))
    parts.append(Facts(rows=tuple(facts)))
    parts += _safety(state)
    parts += [Heading(text="What the adult wants"), line(f"{raised.adult_views.label}.")]
    if raised.adult_views.words:
        parts.append(Quote(words=raised.adult_views.words))
    parts += [Heading(text=f"The account of {state.raising_side.agency_name}"), Quote(words=raised.account)]
    for side in state.sides.values():
        parts += _view(state, side.id)
    return parts


def _safety(state: Escalation) -> list[FormPart]:
    if not state.in_danger:
        return []
    words = state.danger_words or "Nothing was written about it yet."
    return [Heading(text="Done to make the adult safe"), Quote(words=words)]


def _view(state: Escalation, side: str) -> list[FormPart]:
    agency, view = state.sides[side].agency_name, state.views.get(side)
    if view:
        return [
            Heading(text=f"The view of {agency}"),
            line(f"{view.name}, ", Moment(at=view.at)),
            Quote(words=view.words),
        ]
    if state.sides[side].raising:
        return []
    return [Heading(text=f"The view of {agency}"), line("Not given yet.")]


def _outcome(state: Escalation) -> list[FormPart]:
    shown = state.outcome or state.proposal
    return outcome_parts(state, shown) if shown else []


def _waits_for(state: Escalation, person: str) -> Proposal | None:
    """The proposal that this person may still agree or decline for their side."""
    proposal = state.proposal
    if proposal is None or proposal.declined or state.side_of(person) in proposal.agreed:
        return None
    return proposal if may(state, person, Ability.AGREE) else None


def next_steps(desk: Desk) -> tuple[Button, ...]:
    """Three buttons at most, and the rest behind More."""
    state, person = desk.case, desk.viewer.id
    buttons: list[Button] = []
    if state.status == "open" and state.side_of(person):
        if waits := _waits_for(state, person):
            buttons.append(_button(state, "Read and agree", "decide", waits.id))
        buttons.append(_button(state, "Add our view", "view"))
        if not state.proposal or state.proposal.declined:
            buttons.append(_button(state, "Propose an outcome", "propose"))
    if state.status != "closed" and state.side_of(person):
        buttons.append(_button(state, "More …", "more"))
    if state.outcome:
        buttons.insert(0, _button(state, "Read the outcome", "letter"))
    return tuple(buttons) or (_button(state, "What happened", "history", "1"),)


def _button(state: Escalation, label: str, verb: str, subject: str = "") -> Button:
    return Button(label=label, verb=verb, escalation=state.id, object=subject)


def history(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """A page of what happened, oldest first; the case itself shows the latest page."""
    parts: list[FormPart] = [
        *danger_banner(desk.case),
        *_history(desk, number(carry, OBJECT)),
        Buttons(buttons=(_button(desk.case, "Back to the case", "open"),)),
    ]
    return Form(kind="history", title=desk.case.reference, parts=tuple(parts), carry=dict(carry))


def _history(desk: Desk, page: int) -> list[FormPart]:
    """Page `page`, counting from 1, or the last one where there are fewer."""
    pages = _pages(chronology(desk.entries, desk.viewer.id))
    page = min(max(page, 1), len(pages))
    title = "What happened" if len(pages) == 1 else f"What happened, page {page} of {len(pages)}"
    parts: list[FormPart] = [Heading(text=title)]
    for entry in pages[page - 1]:
        parts += _entry(entry)
    turns = []
    if page > 1:
        turns.append(_button(desk.case, "Earlier", "history", str(page - 1)))
    if page < len(pages):
        turns.append(_button(desk.case, "Later", "history", str(page + 1)))
    if may(desk.case, desk.viewer.id, Ability.ASK_TO_DESTROY):
        turns += destroy_button(desk.case, pages[page - 1])
    return [*parts, Buttons(buttons=tuple(turns))] if turns else parts


def _pages(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Filled from the latest entry back, so that the last page is a full one; at least one page."""
    pages: list[list[Entry]] = [[]]
    letters = 0
    for entry in reversed(entries):
        length = len(written_words(entry))
        if pages[0] and (len(pages[0]) == ENTRIES_A_PAGE or letters + length > LETTERS_A_PAGE):
            pages.insert(0, [])
            letters = 0
        pages[0].insert(0, entry)
        letters += length
    return pages


def _entry(entry: Entry) -> list[FormPart]:
    """The line in bold, then what was written as one quote: platforms limit how many parts they show."""
    text: Text = (f"{entry.sequence}. ", *entry.text)
    parts: list[FormPart] = [Line(text=text, weight="strong")]
    if entry.private:
        parts.append(quiet("Seen by your side only."))
    if entry.written:
        parts.append(Quote(words=written_words(entry)))
    if entry.remark:
        parts.append(line(*entry.remark))
    return parts


def more(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """Everything else that can be done now."""
    state = desk.case
    buttons = [
        _button(state, "Add a note", "note"),
        _button(state, "Record an attempt to make contact", "contact"),
    ]
    if state.status == "open":
        last = state.stage.number >= state.stage.of
        label = (
            "Not resolved: tell the Chair" if last else f"Not resolved: go to Stage {state.stage.number + 1}"
        )
        if not state.exhausted:
            buttons.insert(0, _button(state, label, "not_resolved", str(state.stage.opening)))
        if state.proposal:
            buttons.append(_button(state, "Propose a different outcome", "propose"))
        buttons += [
            _button(state, f"Name somebody at {side.agency_name}", "name_contact", side.id)
            for side in state.sides.values()
        ]
        own = state.side_of(desk.viewer.id)
        buttons += [
            _button(
                state,
                f"Name who leads for {state.sides[gap.side].agency_name}",
                "fill_role",
                f"{gap.side}/{gap.role}",
            )
            for gap in state.open_roles
            if gap.side == own
            or not any(p.confirmed and desk.directory.still_here(p.person) for p in state.people_on(gap.side))
        ]
    buttons += [
        _button(state, "Is somebody in danger? Answer again", "danger"),
        _button(state, "What happened", "history", "1"),
    ]
    parts: tuple[FormPart, ...] = (
        line(f"{state.reference}: what would you like to do?"),
        *(Buttons(buttons=(b,)) for b in buttons),
    )
    return Form(kind="more", title="What else?", parts=parts, carry={CASE: state.id})


FORMS = {
    "case": FormKind(case, needs=Ability.SEE),
    "history": FormKind(history, needs=Ability.SEE),
    "more": FormKind(more, needs=Ability.CONTRIBUTE),
}
