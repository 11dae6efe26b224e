"""The verbs in which journeys are written. They say nothing of any platform."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.people import People
from tests.journeys.process import Bot
from tests.journeys.surface import (
    DIRECT,
    FORM,
    PRIVATE,
    ROOM,
    Button,
    Buttons,
    Form,
    Message,
    Sight,
    Surface,
    Typed,
)

REFERENCE = re.compile(r"HF-\d{4}-\d{4}")
SENTINEL = "quillfeather"
"""Stands in everything that is typed: where it turns up, somebody's words did."""
LONDON = ZoneInfo("Europe/London")
BANNER = "Risk of immediate harm. In an emergency phone 999."
MOST_MOVES = 12
BEN, EMAIL = "Ben Osei, practitioner", "Their work e-mail"
NAMES = ("Their name", "Somebody else? Their name")


@dataclass
class Story:
    """One journey: its people, the surface each of them uses, and the bot between them."""

    people: People
    bot: Bot
    surfaces: Mapping[str, Surface]
    buttons: Mapping[str, Buttons]
    typed: list[str] = field(default_factory=list)
    reference: str = ""
    proposed: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    _doings: int = 0
    _seen: dict[str, tuple[int, Sight]] = field(default_factory=dict)

    # What people do

    def words(self, words: str) -> str:
        """Something to type: what it says, and a mark by which it can be found again."""
        self.typed.append(f"{words} {SENTINEL}{len(self.typed)}")
        return self.typed[-1]

    async def says(self, person: str, words: str = "") -> Sight:
        await self._done(self._surface(person).say(person, words))
        return await self.sight(person)

    async def fills(self, person: str, typed: Typed | None = None) -> Sight:
        """Fill in the open form and send it. What isn't an option or a day is remembered as typed."""
        await self._done(self._surface(person).fill(person, typed or {}))
        return await self.sight(person)

    async def presses(self, person: str, label: str, on: str = ROOM, about: str = "") -> Sight:
        """Press the newest button of that label; `about` picks the message that says this."""
        button = self.newest(await self.sight(person), label, on, about)
        return await self.presses_this(person, button, on)

    async def presses_this(self, person: str, button: Button, on: str) -> Sight:
        """Press a button that was seen before, as it stood then."""
        surface = self._surface(person)
        self.buttons[surface.name].pressed.add(button.verb)
        await self._done(surface.press(person, on, button))
        return await self.sight(person)

    async def presses_unseen(self, person: str, value: str) -> Sight:
        """Press a button that was only ever shown to others."""
        await self._done(self._surface(person).press_unseen(person, value))
        return await self.sight(person)

    async def lets(self, doing: Awaitable[None]) -> None:
        """Something that only one platform's people can do."""
        await self._done(doing)

    async def press_at_once(self, label: str, *people: str) -> list[Sight]:
        """Each presses the same button of the form that each has open, in the same second."""
        pressed = [(one, self.newest(await self.sight(one), label, FORM)) for one in people]
        await self._done(*(self._surface(one).press(one, FORM, button) for one, button in pressed))
        return [await self.sight(one) for one in people]

    async def opens(self, person: str, label: str, on: str = ROOM, about: str = "") -> Form:
        """Press a button that opens a form, and read it."""
        form = (await self.presses(person, label, on, about)).form
        assert form is not None, f"{label} opened no form for {person}"
        return form

    async def opens_of_others(self, person: str, label: str, value: str) -> Form:
        """What a button on the card opens for somebody whom it isn't for, where they are shown it or not."""
        if not self._surface(person).shows_each_their_own:
            return await self.opens(person, label, about=self.reference)
        await self.sees_on_the_card(person, label, may=False)
        form = (await self.presses_unseen(person, value)).form
        assert form is not None, f"{label} opened no form for {person}"
        return form

    async def chooses_more(self, person: str, label: str) -> Form:
        """Open a form from behind "More" on the card."""
        await self.opens(person, "More …", about=self.reference)
        return await self.opens(person, label, on=FORM)

    # What people see

    @staticmethod
    def newest(sight: Sight, label: str, on: str, about: str = "") -> Button:
        """The button of that label that a person would press: on the newest message that says `about`."""
        there = sight.places()[on]
        found = [
            button
            for shown in there
            if about in shown.words
            for button in shown.buttons
            if button.label == label
        ]
        labels = [one for shown in there for one in shown.labels()]
        assert found, f"no button {label!r} on {on} about {about!r}; there is {labels}"
        return found[-1]

    async def sight(self, person: str) -> Sight:
        """What lies before them; nobody looks twice where nobody did anything in between."""
        doings, seen = self._seen.get(person, (-1, None))
        if seen is not None and doings == self._doings:
            return seen
        surface = self._surface(person)
        seen = await surface.look(person)
        self._seen[person] = (self._doings, seen)
        self.buttons[surface.name].see(seen)
        return seen

    async def card(self, person: str, reference: str = "") -> Message:
        """The live card of a case, in the room of this person's agency."""
        room = (await self.sight(person)).room
        found = [message for message in room if (reference or self.reference) in message.words]
        assert len(found) == 1, f"{person} sees {len(found)} cards of {reference or self.reference}"
        return found[0]

    async def sees_on_the_card(self, person: str, label: str, *, may: bool) -> None:
        """A button that is for some: where a platform can, those alone have it before them."""
        everybody = not self._surface(person).shows_each_their_own
        assert (label in (await self.card(person)).labels()) == (may or everybody)

    async def hears(self, person: str, words: str) -> Message:
        """The newest direct message that says this."""
        direct = (await self.sight(person)).direct
        found = [message for message in direct if words in message.words]
        assert found, f"{person} didn't hear {words!r}, but: {[message.words for message in direct]}"
        return found[-1]

    async def count(self, person: str) -> int:
        return len((await self.sight(person)).direct)

    async def is_told(self, person: str, sight: Sight, words: str) -> Message:
        """The answer for this person alone says so."""
        assert sight.private is not None, f"{person} was told nothing"
        assert words in sight.private.words, sight.private.words
        return sight.private

    async def told_privately(self, person: str, words: str) -> Message:
        """Say something that is answered with a card, for this person alone."""
        return await self.is_told(person, await self.says(person, words), "")

    async def banner_is_everywhere(self, *people: str) -> None:
        """On every message that anybody has of it, in rooms and by direct message (P10)."""
        for person in people:
            sight = await self.sight(person)
            for message in (*sight.room, *sight.direct):
                assert BANNER in message.words, message.words

    @staticmethod
    def stage_in(words: str) -> int:
        """The number of the stage that a card names."""
        found = re.search(r"Stage (\d) of \d", words)
        assert found is not None, words
        return int(found[1])

    async def reads_case(self, person: str) -> Form:
        sight = await self.says(person, f"show {self.reference}")
        assert sight.form is not None, f"{person} can't open it: {sight.private}"
        return sight.form

    # Time

    @property
    def today(self) -> date:
        return self.bot.now().astimezone(LONDON).date()

    def working_day(self, days: int) -> str:
        """A day that many days from now, and if that is a weekend the Monday after."""
        day = self.today + timedelta(days=days)
        return (day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)).isoformat()

    async def next_thing_due(self) -> None:
        await self._done(self.bot.move("next_thing_due"))

    async def next_working_day(self) -> None:
        await self._done(self.bot.move("next_working_day"))

    async def until_heard(self, person: str, words: str) -> Message:
        """Time moves on, from one due thing to the next, until this person hears it for the first time."""
        before = await self.count(person)
        for _ in range(MOST_MOVES):
            await self.next_thing_due()
            fresh = (await self.sight(person)).direct[before:]
            found = [message for message in fresh if words in message.words]
            if found:
                return found[-1]
        heard = [message.words for message in (await self.sight(person)).direct[before:]]
        raise AssertionError(f"{person} never heard {words!r}, but: {heard}")

    # Whole passages that several stories share

    async def answers_danger(self, person: str, *, danger: bool) -> Form:
        sight = await self.says(person)
        assert sight.form is not None
        question = sight.form.fields[0].label
        assert "risk of immediate harm" in question, "danger is asked first"
        answer = "Yes, or I am not sure" if danger else "No"
        form = (await self.fills(person, {question: answer})).form
        assert form is not None
        return form

    def told(self) -> dict[str, Any]:
        """What the form about the disagreement takes."""
        return {
            DISAGREE: "Who is responsible for what",
            "What decision do you ask for?": self.words("Please open an enquiry."),
            "From which agency?": "Northmoor Health Trust",
            "What happened, and why does it worry you?": self.words("He fell twice on the stairs."),
            "How do you know?": "The adult told us themselves",
            "Their views and wishes, or why they aren't known": self.words("He wants to stay at home."),
            "Is there a safeguarding enquiry?": "No enquiry",
        }

    async def naming(self, person: str, label: str, somebody: str = BEN) -> dict[str, str]:
        """What to enter in the open form: from its list, or by e-mail where somebody isn't in that."""
        form = (await self.sight(person)).form
        assert form is not None
        if any(field.label == label and somebody in field.options for field in form.fields):
            return {label: somebody}
        name = somebody.partition(",")[0]
        return self.named(form, name, self.people.email_of(name))

    @staticmethod
    def named(form: Form, name: str, email: str) -> dict[str, str]:
        """What to enter to name somebody by e-mail; what the first field is called depends on the list."""
        [asked] = [field.label for field in form.fields if field.label in NAMES]
        return {asked: name, EMAIL: email}

    async def raises(self, person: str) -> Sight:
        """The shortest way: no danger, none of what belongs elsewhere, one person named."""
        await self.answers_danger(person, danger=False)
        await self.fills(person, {ELSEWHERE: "No, none of these"})
        return await self.tells(person)

    async def tells(self, person: str) -> Sight:
        """From the form about the disagreement on; the escalation is raised then, with Ben."""
        await self.fills(person, self.told())
        return await self.names(person)

    async def names(self, person: str, who: Typed | None = None) -> Sight:
        """The last step of raising; Ben, if nobody else is said."""
        sight = await self.fills(person, who or await self.naming(person, WHO))
        self.finds_reference((await self.is_told(person, sight, "is raised.")).words)
        return sight

    def finds_reference(self, words: str) -> None:
        found = REFERENCE.search(words)
        assert found is not None, words
        self.reference = found[0]

    async def moves_on(self, person: str, to: str) -> Sight:
        """Not resolved, with a reason, from behind "More"."""
        await self.chooses_more(person, f"Not resolved: {to}")
        return await self.fills(person, {"Why is it not resolved?": self.words("No answer came.")})

    async def proposes(self, person: str, *actions: tuple[str, str]) -> Sight:
        """An outcome, from the card; each action is its owner, as the form names them, and its day."""
        await self.opens(person, "Propose an outcome", about=self.reference)
        sight = await self.fills(
            person,
            {
                "What do you propose?": self._proposal(),
                "How does it reflect what the adult wants?": self.words("He stays at home, safely."),
                "Is there an action to agree?": _another(0, actions),
            },
        )
        for number, (owner, day) in enumerate(actions, 1):
            self.due.append(day)
            sight = await self.fills(
                person,
                {
                    f"Action {number}: what will be done?": self.words("A visit to his home."),
                    "Who sees to it?": owner,
                    "By when?": day,
                    "Is there another action?": _another(number, actions),
                },
            )
        return await self._sends_the_proposal(person, sight)

    async def _sends_the_proposal(self, person: str, sight: Sight) -> Sight:
        """Read once more before it is sent."""
        assert sight.form is not None
        assert self.proposed[-1] in sight.form.words
        return await self.fills(person, {})

    async def changes_the_proposal(self, person: str, label: str, on: str) -> Sight:
        """Other words; the rest stands in the forms already, and is sent as it is."""
        await self.opens(person, label, on)
        sight = await self.fills(person, {"What do you propose?": self._proposal()})
        for number, _ in enumerate(self.due, 1):
            sight = await self.fills(person, {"Is there another action?": _another(number, self.due)})
        return await self._sends_the_proposal(person, sight)

    def _proposal(self) -> str:
        self.proposed.append(self.words("The trust opens an enquiry."))
        return self.proposed[-1]

    # How it is done

    async def _done(self, *doings: Awaitable[None]) -> None:
        await asyncio.gather(*doings)
        self.something_happened()

    def something_happened(self) -> None:
        """What was seen before may be old now."""
        self._doings += 1

    def _surface(self, person: str) -> Surface:
        return self.surfaces[person]


def _another(number: int, actions: Sequence[object]) -> str:
    return "No, that is all" if number == len(actions) else "Yes, add one"


DISAGREE = "What do you and the other agency disagree about?"
WHO = "Who at Northmoor Health Trust is it with?"
ELSEWHERE = "Is it about one of these? They belong elsewhere."
__all__ = [
    "BANNER",
    "BEN",
    "DIRECT",
    "DISAGREE",
    "ELSEWHERE",
    "EMAIL",
    "FORM",
    "PRIVATE",
    "ROOM",
    "WHO",
    "Story",
]
