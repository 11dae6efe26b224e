"""What was typed and never should have been: two people destroy it, and the case goes on as it was."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from core import events as e
from core.commands import (
    AddNote,
    AgreeToDestroy,
    AnswerDanger,
    AskToDestroy,
    CompleteAction,
    DeclineOutcome,
    KeepEntry,
    NewAction,
    PlaceHold,
    PostponeAction,
    ProposeOutcome,
    RecordContactAttempt,
    ReleaseHold,
)
from core.destroying import BECAUSE, gives_away, mark, typed, without_words
from core.escalation import fold
from core.events import EVENT
from core.record import chronology
from core.reminders import next_due, whose_move, window_ends
from tests.core.kit import DIRECTORY, Story, action, without_managers, without_role, words_of
from tests.core.test_forms import Filling
from tests.core.test_keeping import operator

DUE = date(2026, 12, 10)
READERS = ("amira", "ben", "farah")
WRONG = "zebra is at 12 Invented Lane with Quagga Inventedname"


def lived() -> Story:
    """Everything that can be typed was typed, and a note holds what never should have been."""
    story = Story().raises(in_danger=True, made_safe="zebra made safe").accepts("ben")
    story.adds_view("ben")
    story.does("amira", AnswerDanger(in_danger=False, words="zebra is safe now"))
    story.does("amira", RecordContactAttempt("zebra whom", "zebra when", "zebra how", "zebra result"))
    made = story.proposes("amira", action("ben"), action("amira"))
    story.does("ben", DeclineOutcome(made, "zebra declining"))
    story.not_resolved()
    again = (NewAction("zebra visit", "ben", DUE), NewAction("zebra call", "amira", DUE))
    story.does("dara", ProposeOutcome("zebra settled", "zebra as wished", again))
    story.agrees("farah")
    story.until(story.now.replace(month=12, day=11))
    first, second = story.state.actions.values()
    story.does("ben", PostponeAction(first.id, "zebra not yet", DUE.replace(day=20)))
    story.does("amira", CompleteAction(second.id, "zebra done"))
    story.does("amira", AddNote(WRONG))
    return story


def number_of(story: Story, kind: type[e.Fact], last: bool = True) -> int:
    found = [entry.sequence for entry in story.entries if isinstance(entry.event, kind)]
    return found[-1] if last else found[0]


def asked(story: Story, who: str, entry: int, words: str = "A mistake of mine") -> tuple[e.Event, ...]:
    return story.does(who, AskToDestroy(entry, "somebody-else", words))


def destroyed(story: Story, entry: int, by: str = "amira", second: str = "ben") -> Story:
    asked(story, by, entry)
    story.does(second, AgreeToDestroy(entry))
    return story


def everything(story: Story, *people: str) -> str:
    """All that these people can read of the case, whatever they open."""
    found = []
    for who in people:
        found.append(words_of(story.form(who, "case")))
        found += [words_of(story.form(who, "history", str(page))) for page in range(1, 6)]
        found.append(words_of(story.form(who, "letter")))
    return "".join(found)


# --- what is typed, and what remains ---


def test_everything_typed_in_any_event_is_known_and_taken_out_of_it() -> None:
    for entry in lived().entries:
        remains = without_words(entry.event, entry.sequence)
        assert "zebra" not in remains.model_dump_json()
        assert bool(typed(entry.event)) == ("zebra" in entry.event.model_dump_json())
        assert type(remains) is type(entry.event)


def test_a_case_without_any_of_its_words_stands_where_it_stood() -> None:
    story = lived()
    bare = [replace(one, event=without_words(one.event, one.sequence)) for one in story.entries]
    before, after = story.state, fold(bare, id="case")
    worded = {"raised", "danger_words", "views", "proposal", "outcome", "actions"}
    for each in fields(before):
        if each.name not in worded:
            assert getattr(before, each.name) == getattr(after, each.name), each.name
    assert (next_due(before), window_ends(before)) == (next_due(after), window_ends(after))
    assert whose_move(before) == whose_move(after)
    assert [(a.owner, a.due, a.done_at) for a in before.actions.values()] == [
        (a.owner, a.due, a.done_at) for a in after.actions.values()
    ]


@pytest.mark.policy("P13")
def test_each_kind_of_typed_words_can_be_destroyed_and_nobody_reads_them_again() -> None:
    kinds = {entry.sequence: type(entry.event) for entry in lived().entries if typed(entry.event)}
    assert len(set(kinds.values())) == 10
    for number in kinds:
        story = lived()
        gone = set(typed(story.entries[number - 1].event))
        before = everything(story, *READERS)
        destroyed(story, number)
        after = everything(story, *READERS)
        assert set(typed(story.entries[number - 1].event)) == {mark(number)}
        assert all(words in before for words in gone)
        assert not any(words in after for words in gone)


def test_what_happened_says_at_that_number_who_destroyed_it_when_and_why() -> None:
    story = lived()
    note = story.state.version
    destroyed(story, note)
    [entry] = [one for one in chronology(story.entries, "ben") if one.sequence == note]
    assert entry.written == ()
    assert entry.remark[0] == "Destroyed on "
    assert entry.remark[2] == " by Amira Khan and Ben Osei, because it is about somebody else."
    assert str(entry.text[0]).startswith("Amira Khan (Riverbank Council Adult Social Care) added a note.")
    assert "Destroyed on" in words_of(story.form("farah", "case"))


def test_the_raising_is_destroyed_and_the_case_goes_on() -> None:
    story = destroyed(Story().raises().accepts("ben"), 1)
    raised = story.state.raised
    assert raised is not None
    assert (raised.account, raised.decision_asked, raised.own_reference) == (mark(1), mark(1), mark(1))
    assert (raised.category, raised.reference, story.state.raiser) == ("engagement", "HF-2026-0001", "amira")
    assert "zebra" not in words_of(story.form("ben", "case"))
    story.adds_view("ben")
    story.reaches(2)
    assert "zebra account" not in words_of(story.form("dara", "case"))


# --- who may ---


def test_somebody_of_the_other_side_agrees_and_never_whoever_asks() -> None:
    story = lived()
    note = story.state.version
    asked(story, "amira", note)
    for who in ("amira", "dara", "kai", "nobody"):
        story.refused(who, AgreeToDestroy(note))
    assert story.those_who_heard("destruction_asked") == {"ben", "farah"}
    story.does("farah", AgreeToDestroy(note))
    assert "were destroyed" in story.refused("ben", AgreeToDestroy(note)).words


def test_the_other_side_asks_and_the_author_may_be_the_second() -> None:
    story = lived()
    note = story.state.version
    asked(story, "ben", note, "It names a wrong person")
    story.does("amira", AgreeToDestroy(note))
    assert story.state.destroyed_entries == {note}


def test_it_can_be_kept_and_asked_for_again() -> None:
    story = lived()
    note = story.state.version
    asked(story, "amira", note)
    story.does("ben", KeepEntry(note))
    assert story.heard("amira")[-1] == "entry_kept"
    assert WRONG in everything(story, "ben")
    assert "Nothing waits" in story.refused("ben", AgreeToDestroy(note)).words
    asked(story, "amira", note, "Please look again")
    assert (
        "Amira Khan asked for this" in story.refused("ben", AskToDestroy(note, "too-much", "So do I")).words
    )


def test_before_the_other_side_reads_it_a_manager_or_lead_agrees_and_reads_that_entry_alone() -> None:
    story = Story().raises()
    [event] = asked(story, "amira", 1)
    assert isinstance(event, e.DestructionAsked)
    assert event.people == ("dara", "chi")
    form = words_of(story.form("dara", "answer_destroying", "1"))
    assert "zebra account" in form
    assert chronology(story.entries, "dara") == ()
    assert "Open" not in [button.label for button in story.message("dara", "destruction_asked").buttons()]
    story.does("chi", AgreeToDestroy(1))
    story.accepts("ben")
    assert "zebra" not in words_of(story.form("ben", "case"))
    assert "Nothing waits" in story.refused("dara", AgreeToDestroy(1)).words


def test_a_note_for_ones_own_side_stays_with_it_to_the_end() -> None:
    story = Story().raises().accepts("ben")
    story.does("ben", AddNote(WRONG, own_side_only=True))
    note = story.state.version
    [event] = asked(story, "ben", note)
    assert isinstance(event, e.DestructionAsked)
    assert "farah" in event.people
    story.refused("amira", AgreeToDestroy(note))
    story.does("farah", AgreeToDestroy(note))
    assert not {note, note + 1, note + 2} & {one.sequence for one in chronology(story.entries, "amira")}
    told = {n.person for n in story.notices if n.sequence > note and n.kind != "card"}
    assert told == {*event.people, "ben"}
    assert not [n for n in story.notices if n.sequence > note and n.topic == "line"]


def test_no_side_destroys_what_the_other_typed_where_nobody_there_can_be_asked() -> None:
    story = Story().raises().accepts("ben")
    story.adds_view("ben")
    view = story.state.version
    story.does("amira", AddNote("zebra"))
    story.state = replace(story.state, participants={
        who: replace(one, passed_on=who == "ben") for who, one in story.state.participants.items()
    })  # fmt: skip
    assert (
        "Northmoor Health Trust" in story.refused("amira", AskToDestroy(view, "too-much", "Too much")).words
    )


def test_where_the_directory_names_nobody_who_could_agree_it_says_so() -> None:
    alone = without_role(without_managers(DIRECTORY, "riverbank-asc"), "riverbank-asc", "safeguarding_lead")
    story = Story(directory=alone).raises()
    assert "nobody there can yet" in story.refused("amira", AskToDestroy(1, "too-much", "Too much")).words


def test_nobody_asks_for_what_they_may_not_see_or_what_nobody_typed() -> None:
    story = lived()
    story.does("farah", AddNote(WRONG, own_side_only=True))
    hidden = story.state.version
    nothing = number_of(story, e.StageOpened)
    for number in (hidden, nothing, 0, 9999):
        refused = story.refused("amira", AskToDestroy(number, "too-much", "Too much"))
        assert "holds no words that you can have destroyed" in refused.words
    for who in ("kai", "nobody"):
        story.refused(who, AskToDestroy(1, "too-much", "Too much"))


def test_the_latest_proposal_is_replaced_first() -> None:
    story = Story().raises().accepts("ben")
    story.proposes("ben")
    number = number_of(story, e.OutcomeProposed)
    refused = story.refused("ben", AskToDestroy(number, "too-much", "Too much"))
    assert "Propose a different one first" in refused.words
    story.proposes("ben")
    destroyed(story, number, "ben", "amira")


def test_a_record_that_is_held_keeps_its_words() -> None:
    story = lived()
    note = story.state.version
    asked(story, "amira", note)
    operator(story, PlaceHold("coroner", "A letter"))
    assert "is held for a coroner" in story.refused("ben", AgreeToDestroy(note)).words
    assert "is held for a coroner" in story.refused("amira", AskToDestroy(1, "too-much", "Too much")).words
    operator(story, ReleaseHold())
    story.does("ben", AgreeToDestroy(note))


# --- the reason ---


@pytest.mark.parametrize(
    "words",
    [
        "I wrote Quagga by mistake",
        "not quagga",
        "12 is a wrong number",
        "it says that zebra is at home",
    ],
)
def test_a_reason_that_repeats_what_should_go_is_refused(words: str) -> None:
    story = lived()
    refused = story.refused("amira", AskToDestroy(story.state.version, "somebody-else", words))
    assert (refused.field, "this stays" in refused.words) == ("words", True)


def test_a_reason_in_other_words_is_not_taken_for_a_repetition() -> None:
    assert not gives_away("The address and the name of a man who has no part in this.", [WRONG])
    assert not gives_away("He is at risk, so it is urgent", ["zebra is at 1"])


def test_a_reason_is_one_of_a_few_and_has_words() -> None:
    story = lived()
    assert story.refused("amira", AskToDestroy(1, "made up", "Too much")).field == "because"
    assert story.refused("amira", AskToDestroy(1, "too-much", "  ")).field == "words"


# --- the forms ---


def test_somebody_asks_from_what_happened_and_chooses_the_entry() -> None:
    story = lived()
    page = story.form("amira", "case")
    [button] = [one for one in page.buttons() if one.verb == "destroy"]
    filling = Filling(story, "amira", "destroy", {"object": button.object})
    filling.sends(entry="", because="too-much", words="A mistake")
    assert filling.error("entry") == "Choose one of these."
    filling.sends(entry=str(story.state.version), because="too-much", words="A mistake")
    assert filling.command == AskToDestroy(story.state.version, "too-much", "A mistake")
    options = {one.value: f"{one.label}: {one.explanation}" for one in filling.form.fields()[0].options}
    assert options[str(story.state.version)].startswith(f"Entry {story.state.version}, ")
    assert "Amira Khan: zebra is at 12" in options[str(story.state.version)]
    assert str(number_of(story, e.AgreementReached)) not in options


def test_whoever_may_agree_reads_all_that_would_go_the_reason_and_where_else_it_stands() -> None:
    story = lived()
    story.does("amira", AddNote(WRONG))
    note = story.state.version
    asked(story, "amira", note, "I mixed two people up")
    assert f"Read entry {note} and answer" in words_of(story.form("ben", "case"))
    form = words_of(story.form("ben", "answer_destroying", str(note)))
    for part in (WRONG, "I mixed two people up", BECAUSE["somebody-else"], f"in entry {note - 1} as well"):
        assert part in form
    labels = [button.label for button in story.form("ben", "answer_destroying", str(note)).buttons()]
    assert labels == ["Destroy these words", "Keep the entry"]
    assert f"Read entry {note}" not in words_of(story.form("amira", "case"))


def test_what_was_asked_is_drawn_as_answered_afterwards() -> None:
    story = lived()
    note = story.state.version
    destroyed(story, note)
    redrawn = [n for n in story.notices if n.topic == "destruction_asked" and n.kind == "card"]
    assert {n.person for n in redrawn} >= {"ben", "farah"}
    card = story.card_of(redrawn[-1])
    assert card is not None
    assert f"What was typed in entry {note} was destroyed." in words_of(card)


def test_a_closed_case_loses_words_too() -> None:
    story = lived()
    story.does("ben", CompleteAction(next(iter(story.state.actions)), ""))
    assert story.state.status == "closed"
    destroyed(story, number_of(story, e.NoteAdded))
    assert WRONG not in everything(story, "amira", "ben")


def test_every_stored_event_reads_back_as_what_remains() -> None:
    for entry in destroyed(lived(), 1).entries:
        assert EVENT.validate_json(EVENT.dump_json(entry.event)) == entry.event
