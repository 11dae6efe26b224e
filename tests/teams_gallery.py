"""One of each kind of card and form that the core draws, from one invented case: to be judged and looked
at.
"""

from __future__ import annotations

from datetime import date

from core.access import may
from core.cards import answers as said
from core.cards.model import Card, Form
from core.cards.reminder import Waiting, reminder_card
from core.commands import AddView, AskToDestroy, NewAction, ProposeOutcome
from core.events import AdultViews
from core.forms import FORMS
from core.forms.form import Answers, filled_in
from core.refusals import NothingAsked, NotSaved
from tests.core.kit import PATHWAY, Story, in_two_tenants

ASKED = "Please keep the ward bed until a care package that works at night is in place."
ACCOUNT = (
    "He was found on the floor twice last week.\n\nThe plan is to discharge on Friday with two visits a day. "
    "I asked for a joint visit on Monday and on Wednesday; nobody was free."
)
WISHES = "He says: *I want to go home*, but not before somebody comes at night."
VIEW = "Two visits are what was assessed. We can look at nights again if there is new evidence."
OUTCOME = "Discharge waits until night visits start. Both agencies look again after two weeks."
REFLECTS = "He goes home, and somebody comes at night, as he asked."
ACTIONS = (
    NewAction("Ask the night service for its first free day", "ben", date(2026, 12, 1)),
    NewAction("Visit him together on the ward", "amira", date(2026, 12, 4)),
)


def raised(*, danger: bool = False) -> Story:
    """Raised by Amira, with Ben."""
    return Story().raises(
        in_danger=danger,
        account=ACCOUNT,
        decision_asked=ASKED,
        adult_views=AdultViews(kind="own-words", label="", words=WISHES),
        answer_by=date(2026, 11, 27),
        own_reference="A-1180",
    )


def answered() -> Story:
    """Ben is the right person and gave his agency's view."""
    story = raised().accepts("ben").passes(hours=20)
    story.does("ben", AddView(VIEW))
    return story


def proposed() -> Story:
    story = answered().passes(hours=2)
    story.does("ben", ProposeOutcome(OUTCOME, REFLECTS, ACTIONS))
    return story


def asked_to_destroy() -> Story:
    """Ben asks Amira to agree that what he wrote in his view goes."""
    story = answered()
    story.does("ben", AskToDestroy(story.state.version, "too-much", "He is named, and that was not needed."))
    return story


def agreed() -> Story:
    story = proposed().passes(hours=3)
    story.agrees("amira")
    return story


def cards() -> dict[str, Card]:
    """Messages, and what is told to one person, by what they are."""
    new, danger, waiting, ended = raised(), raised(danger=True), proposed(), agreed()
    lapsed = raised().accepts("ben").week_passes()
    listed = [said.Listed(new.state, None), said.Listed(danger.state, new.now)]
    return {
        "channel": new.card(),
        "channel, danger": danger.card(),
        "channel, proposed": waiting.card(),
        "channel, agreed": ended.card(),
        "thread": _thread(waiting),
        "invitation": new.message("ben", "invitation"),
        "proposed": waiting.message("amira", "proposed"),
        "reminder": _reminder(lapsed, ended),
        "asked to destroy": asked_to_destroy().message("amira", "destruction_asked"),
        "list": said.list_card("mine", listed, 2),
        "help": said.help_card("", PATHWAY),
        "refused": said.refused_card(NothingAsked(), new.state, may_see=True),
        "went wrong": said.refused_card(NotSaved(code="7F3K"), None, may_see=False),
    }


def _thread(story: Story) -> Card:
    card = story.card_of([notice for notice in story.notices if notice.topic == "line"][-1])
    assert card is not None
    return card


def _reminder(lapsed: Story, ended: Story) -> Card:
    ended.until(ended.now.replace(month=12, day=1, hour=18))
    waiting = [
        Waiting(story.state, notice.topic, notice.object)
        for story in (lapsed, ended)
        for notice in story.notices
        if notice.kind == "reminder" and notice.person == "ben"
    ]
    card = reminder_card([waiting[-1], *waiting[:1]], "ben")
    assert card is not None
    return card


def forms() -> dict[str, Form]:
    """Dialogs, by their kind; and one sent back with what is missing."""
    new, waiting, ended, asked = raised(), proposed(), agreed(), asked_to_destroy()
    drawn = {kind: _drawn(new, "amira", kind) for kind in FORMS if kind.startswith("raise.")}
    for kind in FORMS:
        for story, who in ((waiting, "amira"), (new, "ben"), (ended, "ben"), (asked, "amira")):
            needs = FORMS[kind].needs
            if kind not in drawn and (needs is None or may(story.state, who, needs)):
                drawn[kind] = _drawn(story, who, kind)
    errors = {"decision_asked": "Please fill this in.", "category": "Choose one of these."}
    drawn["raise.tell, sent back"] = filled_in(drawn["raise.tell"], {"account": (ACCOUNT,)}, errors)
    apart = Story(directory=in_two_tenants())
    drawn["raise.who, another tenant"] = _drawn(apart, "amira", "raise.who")
    drawn["case, agreed"] = _drawn(ended, "amira", "case")
    return drawn


def _drawn(story: Story, who: str, kind: str) -> Form:
    subject = {"name_contact": "challenged", "fill_role": "raising/line_manager"}.get(kind, "")
    if kind == "action_not_done":
        subject = next(iter(story.state.actions), "")
    if kind == "answer_destroying":
        subject = str(next(iter(story.state.asked_to_destroy), ""))
    carry = {"case": story.state.id, "object": subject, "action": "1", "in_danger": "yes"}
    carry |= {"elsewhere": PATHWAY.exclusions[0].key, "other_agency": "northmoor-trust"}
    return FORMS[kind].draw(story.desk(who), carry, Answers({}))
