"""Whatever anybody does, in whatever order and at whatever time: what always holds."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core import events as e
from core.access import Ability, approvers, is_second, may
from core.commands import (
    AcceptInvolvement,
    AddNote,
    AddView,
    AgreeOutcome,
    AgreeToDestroy,
    AnswerDanger,
    AskToDestroy,
    Command,
    CompleteAction,
    DeclineOutcome,
    FillRole,
    KeepEntry,
    NameContact,
    NewAction,
    NewPerson,
    PassOnInvolvement,
    PostponeAction,
    ProposeOutcome,
    RecordContactAttempt,
    RecordDeliveryFailure,
    RecordNotResolved,
)
from core.escalation import Escalation, fold
from core.forms import FORMS
from core.record import chronology
from core.refusals import Refusal, UnknownAccount
from core.reminders import next_due
from core.telling import rooms
from tests.core.kit import COUNCIL, DIRECTORY, TRUST, Story, quick_pathway, without, without_managers

ANYBODY = st.sampled_from(
    ["amira", "ben", "chi", "dara", "farah", "gwen", "ines", "hal", "jo", "kai", "sol", "zoe", "nobody", ""]
)
PEOPLE = st.one_of(st.integers(0, 7), st.integers(0, 7), st.integers(0, 7), ANYBODY)
"""Mostly somebody who takes part, by number; sometimes anybody at all."""
SIDES = st.sampled_from(["raising", "challenged", "made-up"])
DAYS = st.one_of(st.dates(date(2026, 11, 1), date(2027, 2, 1)), st.dates(date(2027, 2, 1), date(2028, 2, 1)))
NEWCOMERS = st.sampled_from(
    [None, None, NewPerson("Pat New", "pat@example.org"), NewPerson("Sam", "chi@example.org")]
)
TYPED_WORDS = st.sampled_from(["zebra words", "zebra words", "zebra words", "  "])
BACK = st.sampled_from([0, 0, 0, 0, 1, 2])
"""How many openings, proposals or actions ago the card was drawn that is pressed."""
READ_ONLY = [kind for kind, form in FORMS.items() if form.needs]


class Anything(RuleBasedStateMachine):
    """A case to which anybody does anything. The kit looks at every message that comes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.proposals: list[str] = ["made-up"]
        self.actions: list[str] = ["made-up"]

    @initialize(
        quick=st.booleans(),
        same_agency=st.booleans(),
        named=st.lists(st.sampled_from(["ben", "farah", "jo"]), max_size=3),
        gaps=st.booleans(),
        rooms=st.booleans(),
        danger=st.booleans(),
    )
    def begins(
        self, quick: bool, same_agency: bool, named: list[str], gaps: bool, rooms: bool, danger: bool
    ) -> None:
        known = without_managers(DIRECTORY, TRUST) if gaps else DIRECTORY
        self.story = Story(directory=known)
        if quick:
            self.story.pathway = quick_pathway()
        if not rooms:
            self.story.room_of = lambda agency: ""
        there = {"other_agency": COUNCIL, "named": ("chi",)} if same_agency else {"named": tuple(named)}
        self.story.raises(in_danger=danger, **there)

    # --- what may be tried ---

    def person(self, who: int | str) -> str:
        taking_part = [p.person for p in self.story.state.taking_part()]
        return who if isinstance(who, str) else taking_part[who % len(taking_part)]

    def tries(self, somebody: int | str, command: Command) -> None:
        """What was recorded is what was decided; a refusal changes nothing."""
        who = self.person(somebody)
        before, written, told = self.story.state, len(self.story.entries), len(self.story.notices)
        outsider = not before.side_of(who)
        refused = None
        happened: tuple[e.Event, ...] = ()
        try:
            happened = self.story.does(who, command)
        except Refusal as refusal:
            refused = refusal
        if refused:
            assert refused.words.strip()
            assert "{" not in refused.words
            assert self.story.state == before
            assert (len(self.story.entries), len(self.story.notices)) == (written, told)
            return
        if outsider:
            assert isinstance(command, AcceptInvolvement)
            agency = before.sides[self.story.state.side_of(who)].agency
            assert agency in self.story.person(who).agencies()
        for event in happened:
            if isinstance(event, e.OutcomeAgreed):
                side = before.side_of(who)
                assert who in {person for person, _ in approvers(before, side)}
                assert event.side == side

    @rule(who=PEOPLE, words=TYPED_WORDS, own=st.booleans())
    def writes(self, who: int | str, words: str, own: bool) -> None:
        self.tries(who, AddNote(words, own_side_only=own))
        self.tries(who, AddView(words))

    @rule(who=PEOPLE)
    def accepts(self, who: int | str) -> None:
        self.tries(who, AcceptInvolvement())

    @rule(who=PEOPLE, to=ANYBODY, somebody=NEWCOMERS)
    def passes_on(self, who: int | str, to: str, somebody: NewPerson | None) -> None:
        self.tries(who, PassOnInvolvement(to, somebody))

    @rule(who=PEOPLE, side=SIDES, person=ANYBODY, somebody=NEWCOMERS)
    def names(self, who: int | str, side: str, person: str, somebody: NewPerson | None) -> None:
        self.tries(who, NameContact(side, person, somebody))

    @rule(who=PEOPLE, side=SIDES, role=st.sampled_from(["line_manager", "senior_manager"]), person=ANYBODY)
    def fills(self, who: int | str, side: str, role: str, person: str) -> None:
        self.tries(who, FillRole(side, role, person))

    @rule(who=PEOPLE, danger=st.booleans(), words=TYPED_WORDS)
    def answers_danger(self, who: int | str, danger: bool, words: str) -> None:
        self.tries(who, AnswerDanger(danger, words))

    @rule(who=PEOPLE)
    def tried_to_reach(self, who: int | str) -> None:
        self.tries(who, RecordContactAttempt("zebra", "zebra", "zebra", "zebra"))

    @rule(who=PEOPLE, back=BACK, words=TYPED_WORDS)
    def moves_on(self, who: int | str, back: int, words: str) -> None:
        self.tries(who, RecordNotResolved(words, self.story.state.stage.opening - back))

    @rule(who=PEOPLE, words=TYPED_WORDS, owners=st.lists(st.tuples(PEOPLE, DAYS), max_size=2))
    def proposes(self, who: int | str, words: str, owners: list[tuple[int | str, date]]) -> None:
        actions = tuple(NewAction("zebra to do", self.person(owner), due) for owner, due in owners)
        self.tries(who, ProposeOutcome(words, "zebra reflected", actions))
        self._remembers()

    @rule(who=PEOPLE, back=BACK, agree=st.booleans(), words=TYPED_WORDS)
    def answers_a_proposal(self, who: int | str, back: int, agree: bool, words: str) -> None:
        about = self.proposals[-1 - back % len(self.proposals)]
        self.tries(who, AgreeOutcome(about) if agree else DeclineOutcome(about, words))
        self._remembers()

    @precondition(lambda self: self.story.state.proposal is not None)
    @rule()
    def somebody_of_each_side_agrees(self) -> None:
        for side in self.story.state.sides:
            for person, _ in approvers(self.story.state, side)[:1]:
                self.tries(person, AgreeOutcome(self.proposals[-1]))
        self._remembers()

    @precondition(lambda self: self.story.state.actions)
    @rule(who=PEOPLE, back=BACK, due=DAYS, done=st.booleans(), words=TYPED_WORDS)
    def answers_an_action(self, who: int | str, back: int, due: date, done: bool, words: str) -> None:
        about = self.actions[-1 - back % len(self.actions)]
        self.tries(who, CompleteAction(about, words) if done else PostponeAction(about, words, due))

    @rule(who=PEOPLE)
    def a_message_fails(self, who: int | str) -> None:
        self.fails(RecordDeliveryFailure("A reminder", person=self.person(who)))

    @rule(side=st.sampled_from(["raising", "challenged"]))
    def a_room_fails(self, side: str) -> None:
        self.fails(RecordDeliveryFailure("The case card", side=side))

    def fails(self, failure: RecordDeliveryFailure) -> None:
        """Recorded once, however often it is reported."""
        self.story.does_nobody(failure)
        assert self.story.does_nobody(failure) == ()

    @precondition(lambda self: self.story.state.stage.number > 2)
    @rule(who=st.sampled_from(["ben", "dara", "farah", "chi"]))
    def somebody_leaves(self, who: str) -> None:
        self.story.directory = without(self.story.directory, who)
        before = self.story.state
        assert isinstance(self.story.refused(who, AddNote("zebra")), UnknownAccount)
        assert self.story.state == before

    @rule(who=PEOPLE, entry=st.integers(0, 40), words=st.sampled_from(["A mistake", "", "zebra words here"]))
    def asks_to_destroy(self, who: int | str, entry: int, words: str) -> None:
        self.tries(who, AskToDestroy(entry, "too-much", words))

    @precondition(lambda self: self.story.state.asked_to_destroy)
    @rule(who=PEOPLE, agree=st.booleans())
    def answers_destroying(self, who: int | str, agree: bool) -> None:
        entry = next(iter(self.story.state.asked_to_destroy))
        self.tries(who, AgreeToDestroy(entry) if agree else KeepEntry(entry))

    # --- time ---

    @rule(hours=st.floats(0.001, 24 * 20))
    def time_passes(self, hours: float) -> None:
        """A long stop: what was due is swept once, afterwards."""
        self.story.now += timedelta(hours=hours)
        self.swept()

    @precondition(lambda self: next_due(self.story.state) is not None)
    @rule()
    def the_next_moment_comes(self) -> None:
        due = next_due(self.story.state)
        assert due is not None
        self.story.now = max(self.story.now, due)
        self.swept()

    def swept(self) -> None:
        """A Tick moves the next due moment into the future, and a second one has nothing to say."""
        self.story.ticks()
        due = next_due(self.story.state)
        assert due is None or due > self.story.now
        assert self.story.ticks() == ()

    @precondition(lambda self: self.story.state.actions)
    @rule(one=st.integers(0, 3))
    def an_owner_is_done(self, one: int) -> None:
        actions = list(self.story.state.actions.values())
        about = actions[one % len(actions)]
        self.tries(about.owner, CompleteAction(about.id))

    def _remembers(self) -> None:
        self.proposals += [p.proposal for p in self.story.recorded(e.OutcomeProposed)][
            len(self.proposals) - 1 :
        ]
        self.actions += [one for one in self.story.state.actions if one not in self.actions]

    # --- what always holds ---

    @invariant()
    def the_fold_of_the_stored_events_is_the_state(self) -> None:
        assert fold(self.story.entries, id="case") == self.story.state

    @invariant()
    def what_was_destroyed_is_gone_and_two_agreed_to_it(self) -> None:
        for entry in self.story.entries:
            if entry.sequence in self.story.state.destroyed_entries:
                assert "zebra" not in entry.event.model_dump_json()
            if isinstance(entry.event, e.EntryDestroyed):
                assert entry.actor is not None
                assert entry.actor.person != entry.event.asked_by

    @invariant()
    def every_case_has_a_next_due_moment_and_a_closed_one_when_it_need_not_be_kept(self) -> None:
        state = self.story.state
        if state.raised:
            assert next_due(state) is not None
            assert (next_due(state) == state.ask_keeping_at) == (state.status == "closed")

    @invariant()
    def agreement_belongs_to_what_stands_and_to_whoever_might_agree(self) -> None:
        for shown in (self.story.state.proposal, self.story.state.outcome):
            for side, agreement in shown.agreed.items() if shown else ():
                assert self.story.state.participants[agreement.person].side == side
        if self.story.state.outcome:
            assert set(self.story.state.outcome.agreed) == set(self.story.state.sides)

    @invariant()
    def nobody_takes_part_who_is_not_of_the_sides_agency(self) -> None:
        state = self.story.state
        for participant in state.taking_part():
            agency = state.sides[participant.side].agency
            leads = any(leader.person == participant.person for leader in state.stage.leaders)
            assert leads or agency in self.story.person(participant.person).agencies()

    @invariant()
    def nobody_leads_two_sides(self) -> None:
        pairs = {(leader.person, leader.side) for leader in self.story.state.stage.leaders}
        assert len({person for person, _ in pairs}) == len(pairs)

    @invariant()
    def no_two_notices_have_one_key(self) -> None:
        keys = [notice.key for notice in self.story.notices]
        assert len(keys) == len(set(keys))

    @invariant()
    def only_those_who_may_see_it_see_anything(self) -> None:
        state = self.story.state
        for who in ("ben", "kai", "zoe", "nobody"):
            seen = chronology(self.story.entries, who)
            assert bool(seen) == (bool(state.raised) and may(state, who, Ability.SEE))
        for entry in self.story.entries:
            if entry.audience != e.ALL:
                side = entry.audience.removeprefix("side:")
                others = [p.person for p in state.taking_part() if p.side != side]
                for who in others:
                    assert entry.sequence not in {one.sequence for one in chronology(self.story.entries, who)}

    @invariant()
    def every_form_draws_for_everybody_who_may_open_it(self) -> None:
        state = self.story.state
        if not state.raised:
            return
        self.story.card()
        assert rooms(state)
        for kind in READ_ONLY:
            needs = FORMS[kind].needs
            for who in _one_of_each(state):
                if needs and may(state, who, needs):
                    self.story.form(who, kind, _object(kind, state, who))


def _one_of_each(state: Escalation) -> set[str]:
    """One person for each way of standing to the case."""
    found = {(p.side, p.confirmed, state.leads(p.person)): p.person for p in state.taking_part()}
    return {*found.values(), state.chair}


def _object(kind: str, state: Escalation, who: str) -> str:
    if kind == "name_contact":
        return "challenged"
    if kind == "fill_role":
        return "raising/line_manager"
    if kind == "not_resolved":
        return str(state.stage.opening)
    if kind == "action_not_done":
        return next(iter(state.actions), "")
    if kind == "answer_destroying":
        return str(next(n for n, asked in state.asked_to_destroy.items() if is_second(state, who, asked)))
    return ""


Anything.TestCase.settings = settings(
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnything = Anything.TestCase
