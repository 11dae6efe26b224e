"""Asking to have what was typed in an entry destroyed; and reading what would go, to agree or to keep it."""

from __future__ import annotations

from collections.abc import Iterable

from core.access import Ability, is_second, visible
from core.cards.model import (
    Button,
    Buttons,
    Field,
    Form,
    FormPart,
    Heading,
    Line,
    Moment,
    Option,
    Quote,
    line,
    strong,
)
from core.cards.plain import plain
from core.commands import AskToDestroy, Command
from core.destroying import BECAUSE, typed
from core.escalation import Escalation
from core.events import DestructionAsked, Recorded
from core.forms.form import OBJECT, Answers, Carry, Desk, FormKind, words
from core.record import Entry, whole_chronology, written_words
from core.refusals import NotAskedToDestroy
from core.verbs import entry_number

MOST_LISTED, MOST_LETTERS = 50, 70


def destroy(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """`carry`: the numbers of the first and the last entry of the page from which it was opened."""
    options = _options(desk, carry.get(OBJECT, ""))
    if not options:
        nothing = "Nothing here holds words that could be destroyed, or it is asked for already."
        return Form(kind="destroy", title="Destroy words", parts=(strong(nothing),), carry=dict(carry))
    because = tuple(Option(value=key, label=_sentence(label)) for key, label in BECAUSE.items())
    parts: list[FormPart] = [
        line("For what should never have been typed here. What is only wrong is put right by a note."),
        line("A second person reads the words, and agrees or keeps them. If they agree, the words are gone "
             "for good. That an entry stood here, when, and whose it was stays."),
        Field(id="entry", label="Which entry?", entry="choice", options=options),
        Field(id="because", label="Why should its words go?", entry="choice", options=because),
        words("words", "In a sentence", "Without the names, numbers and words that should go: this stays."),
    ]  # fmt: skip
    return Form(
        kind="destroy",
        title="Destroy words",
        parts=tuple(parts),
        submit="Ask for it",
        carry=dict(carry),
    )


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _options(desk: Desk, page: str) -> tuple[Option, ...]:
    first, _, last = page.partition("-")
    from_, to = entry_number(first), entry_number(last) or desk.case.version
    zone = desk.pathway.calendar.time_zone
    listed = [entry for entry in _may_go(desk) if from_ <= entry.sequence <= to]
    return tuple(
        Option(
            value=str(entry.sequence),
            label=f"Entry {entry.sequence}, {plain((Moment(at=entry.at),), zone)}",
            explanation=_begins(entry),
        )
        for entry in listed[-MOST_LISTED:]
    )


def _begins(entry: Recorded) -> str:
    """Whose it is and its first words: short enough for every platform to show it beside the choice."""
    words = " ".join(" ".join(typed(entry.event)).split())
    told = f"{entry.actor.name if entry.actor else 'The bot'}: {words}"
    return told if len(told) <= MOST_LETTERS else f"{told[:MOST_LETTERS]}…"


def _may_go(desk: Desk) -> Iterable[Recorded]:
    """What this person sees, that holds words and isn't asked for yet."""
    state = desk.case
    for entry in visible(state, desk.viewer.id, desk.entries):
        settled = entry.sequence in state.destroyed_entries or entry.sequence in state.asked_to_destroy
        if typed(entry.event) and not settled:
            yield entry


def read_destroy(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return AskToDestroy(entry_number(answers.one("entry")), answers.one("because"), answers.one("words"))


def answer(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """All that would go, for somebody who may see nothing else of the case too."""
    state, number = desk.case, entry_number(carry.get(OBJECT, ""))
    asked = state.asked_to_destroy.get(number)
    if asked is None or not is_second(state, desk.viewer.id, asked):
        raise NotAskedToDestroy
    entry = next(one for one in whole_chronology(desk.entries) if one.sequence == number)
    parts: list[FormPart] = [
        strong(f"{asked.name} asks to have this destroyed, because {asked.because}."),
        *(Quote(words=said) for said in _said(desk, number)),
        Heading(text=f"Entry {number} of {state.reference}"),
        Line(text=entry.text),
        Quote(words=written_words(entry)),
        *_elsewhere(desk, number),
        line("If you agree, these words are gone for good, for everybody. That the entry stood here stays, "
             "with who agreed and why."),
        Buttons(buttons=_buttons(state, number)),
    ]  # fmt: skip
    return Form(kind="answer_destroying", title="Destroy these words?", parts=tuple(parts), carry=dict(carry))


def _said(desk: Desk, number: int) -> list[str]:
    """What whoever asks wrote last about this entry."""
    asked = [one.event for one in desk.entries if isinstance(one.event, DestructionAsked)]
    return [event.words for event in asked if event.entry == number][-1:]


def _elsewhere(desk: Desk, number: int) -> list[FormPart]:
    """Words of this entry that stand, just so, in others that this person sees."""
    gone = {words for one in desk.entries if one.sequence == number for words in typed(one.event)}
    others = [
        str(entry.sequence)
        for entry in visible(desk.case, desk.viewer.id, desk.entries)
        if entry.sequence != number and not gone.isdisjoint(typed(entry.event))
    ]
    if not others:
        return []
    return [strong(f"Some of these words stand in entry {', '.join(others)} as well, and stay there.")]


def _buttons(state: Escalation, number: int) -> tuple[Button, ...]:
    destroy = Button(
        label="Destroy these words",
        verb="agree_destroying",
        escalation=state.id,
        object=str(number),
        style="danger",
        confirm="Destroy these words? Nobody can bring them back.",
    )
    keep = Button(label="Keep the entry", verb="keep_entry", escalation=state.id, object=str(number))
    return (destroy, keep)


def destroy_button(state: Escalation, shown: list[Entry]) -> tuple[Button, ...]:
    """For the entries of one page of what happened; none where they hold no words that could go."""
    if not any(entry.written and not entry.remark for entry in shown):
        return ()
    page = f"{shown[0].sequence}-{shown[-1].sequence}"
    label = "Something here should not have been typed"
    return (Button(label=label, verb="destroy", escalation=state.id, object=page),)


def waiting_parts(state: Escalation, person: str) -> list[FormPart]:
    """On the case: what this person is asked to agree to, with the button that opens it."""
    parts: list[FormPart] = []
    for number, asked in state.asked_to_destroy.items():
        if is_second(state, person, asked):
            read = Button(
                label=f"Read entry {number} and answer",
                verb="answer_destroying",
                escalation=state.id,
                object=str(number),
            )
            parts.append(
                line(f"{asked.name} asks you to agree that what was typed in entry {number} is destroyed.")
            )
            parts.append(Buttons(buttons=(read,)))
    return parts


FORMS = {
    "destroy": FormKind(destroy, read_destroy, Ability.ASK_TO_DESTROY),
    "answer_destroying": FormKind(answer, needs=Ability.ANSWER_DESTROYING),
}
