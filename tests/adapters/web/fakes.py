"""A small bot, a small world and messages in memory: what the page needs to be seen whole."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from adapters.web.sender import PageSender
from adapters.web.world import PageMessage, PagePerson, PageRoom, account_of, room_of_agency
from core.cards.model import (
    Banner,
    Button,
    Buttons,
    Card,
    Day,
    Fact,
    Facts,
    Field,
    Form,
    FormPart,
    Heading,
    Moment,
    Option,
    Progress,
    Quote,
    line,
    quiet,
    strong,
    text,
)
from core.conversation import Answer, Asker, Press, Submission

MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
CASE = "HF-2026-0001"
BANNER = Banner(
    text="▲ Risk of immediate harm. In an emergency phone 999; out of hours the duty team, 020 7946 0000."
)


@dataclass
class MemoryMessages:
    """`PageMessages` that last as long as the test."""

    now: datetime = MORNING
    kept: dict[str, PageMessage] = field(default_factory=dict)
    count: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def post(self, place: str, card_json: str, thread: str = "") -> str:
        if thread and (thread not in self.kept or self.kept[thread].place != place):
            raise KeyError(thread)
        card, message = Card.model_validate_json(card_json), f"m{len(self.kept) + 1}"
        self.kept[message] = PageMessage(message, place, thread, card, self.now, self.now)
        await self._count()
        return message

    async def update(self, message: str, card_json: str) -> None:
        card = Card.model_validate_json(card_json)
        self.kept[message] = replace(
            self.kept[message], card=card, updated_at=self.now + timedelta(minutes=5)
        )
        await self._count()

    async def of(self, places: Collection[str]) -> Sequence[PageMessage]:
        return [message for message in self.kept.values() if message.place in places]

    def changes(self) -> int:
        return self.count

    async def wait(self, since: int) -> int:
        async with self.changed:
            await self.changed.wait_for(lambda: self.count != since)
        return self.count

    async def _count(self) -> None:
        async with self.changed:
            self.count += 1
            self.changed.notify_all()


def person(file_id: str, name: str, role: str, agency: str, zone: str = "Europe/London") -> PagePerson:
    names = {"asc": "Adult Social Care", "trust": "West London Trust", "housing": "Harbour Housing"}
    return PagePerson(file_id, name, (role,), agency, names[agency], zone, account_of(file_id))


PEOPLE = (
    person("amira", "Amira Khan", "practitioner", "asc"),
    person("chi", "Chi Eze", "line manager", "asc"),
    person("ben", "Ben Osei", "practitioner", "trust", "America/New_York"),
    person("farah", "Farah Siddiqui", "line manager", "trust"),
    person("gwen", "Gwen Pryce", "practitioner", "housing"),
)


@dataclass
class SmallWorld:
    """A clock that is moved by hand."""

    at: datetime = MORNING
    moves: int = 0

    async def people(self) -> Sequence[PagePerson]:
        return PEOPLE

    async def room_of(self, person: PagePerson) -> PageRoom:
        return PageRoom(room_of_agency(person.agency_id), person.agency_name)

    def now(self) -> datetime:
        return self.at

    async def next_working_day(self) -> str:
        self.moves += 1
        self.at = (self.at + timedelta(days=1)).replace(hour=9, minute=0)
        return "A new working day. Nothing was due."

    async def next_thing_due(self) -> str:
        self.moves += 1
        self.at = DUE
        return "The week for Stage 1 has ended. Two people were asked what happens next."


def case_card(*, banner: bool = False, whose: str = "West London Trust") -> Card:
    return Card(
        summary=f"{CASE}: {whose} to respond",
        parts=(
            *((BANNER,) if banner else ()),
            strong(f"{whose} to respond · by ", Moment(at=DUE), " (5 working days left)"),
            quiet(f"{CASE} · Stage 1 of 4"),
            line("Adult Social Care ↔ West London Trust"),
            Progress(at=1, of=4, words=text("Raised ", Moment(at=MORNING, style="day"), " by Amira Khan")),
            Buttons(
                buttons=(
                    Button(label="Open", verb="open", escalation=CASE, style="primary"),
                    Button(label="Add our view", verb="view", escalation=CASE),
                    Button(label="Propose an outcome", verb="propose", escalation=CASE),
                    Button(
                        label="Withdraw",
                        verb="withdraw",
                        escalation=CASE,
                        style="danger",
                        confirm="Withdraw HF-2026-0001? The other side is told.",
                    ),
                )
            ),
        ),
    )


def thread_card(*words: str) -> Card:
    return Card(summary=f"{CASE}: {words[0]}", parts=(line(*words, " · ", Moment(at=MORNING)),))


def asked_card() -> Card:
    return Card(
        summary=f"{CASE}: an answer is asked of your agency",
        parts=(
            strong(
                "Amira Khan (Adult Social Care) disagrees with a decision "
                "and asks your agency to look at it again."
            ),
            line(f"{CASE} · an answer is due by ", Moment(at=DUE)),
            Buttons(
                buttons=(
                    Button(
                        label="I'm the right person", verb="right_person", escalation=CASE, style="primary"
                    ),
                    Button(label="Not me, it's …", verb="not_me", escalation=CASE),
                )
            ),
        ),
    )


def reminder_card() -> Card:
    return Card(
        summary="Two things wait for you",
        parts=(
            strong("Two things wait for you"),
            line(f"{CASE} · your agency's view · due tomorrow, ", Moment(at=DUE, style="time")),
            Buttons(buttons=(Button(label="Add our view", verb="view", escalation=CASE, object="due"),)),
            line("HF-2026-0037 · an agreed action · was due ", Day(on=DUE.date())),
            Buttons(
                buttons=(
                    Button(label="Open", verb="open", escalation="HF-2026-0037"),
                    Button(label="Done", verb="done", escalation="HF-2026-0037", object="a1"),
                    Button(
                        label="Not done, because …", verb="not_done", escalation="HF-2026-0037", object="a1"
                    ),
                )
            ),
        ),
    )


def triage_form() -> Form:
    return Form(
        kind="triage",
        title="Is somebody in danger now?",
        parts=(
            line("If an adult may be hurt today, act first. The form waits."),
            Buttons(
                buttons=(
                    Button(label="Yes, somebody is in danger", verb="danger_yes", style="danger"),
                    Button(label="No, go on", verb="danger_no", style="primary"),
                )
            ),
        ),
        carry={"form_id": "f1"},
    )


TELL_FIELDS = (
    Field(
        id="kind",
        label="What is it about?",
        entry="choice",
        options=(
            Option(value="criteria", label="Whether the criteria for an enquiry are met"),
            Option(
                value="working_together",
                label="Working together",
                explanation="Taking part, answering, sharing what others need to know",
            ),
            Option(value="closure", label="The action plan, or closing the case"),
        ),
    ),
    Field(id="question", label="What decision do you ask for?", entry="short", max_length=200),
    Field(
        id="by",
        label="By when?",
        entry="day",
        hint="The policy gives one working week. Sooner if the adult needs it.",
    ),
    Field(
        id="account",
        label="What happened, and why does it worry you?",
        entry="long",
        hint="Facts, what you have tried, what would put it right. Leave names out.",
    ),
    Field(
        id="asked",
        label="Who at the other agency?",
        entry="choices",
        options=(Option(value="ben", label="Ben Osei"), Option(value="farah", label="Farah Siddiqui")),
    ),
    Field(id="reference", label="Your own case reference", entry="short", optional=True),
)


def tell_form(values: dict[str, tuple[str, ...]] | None = None, errors: dict[str, str] | None = None) -> Form:
    values, errors = values or {}, errors or {}
    fields: tuple[FormPart, ...] = tuple(
        part.model_copy(update={"value": values.get(part.id, ()), "error": errors.get(part.id, "")})
        for part in TELL_FIELDS
    )
    return Form(
        kind="raise",
        title="Tell it",
        parts=fields,
        submit="Raise it",
        carry={"form_id": "f1", "stage": "one"},
    )


def brief_form(words: str) -> Form:
    return Form(
        kind="show",
        title=f"{CASE} as it is now",
        parts=(
            BANNER,
            strong("West London Trust to respond · by ", Moment(at=DUE)),
            Facts(
                rows=(
                    Fact(label="Decision asked for", text=text("Open an enquiry")),
                    Fact(label="Asked of", text=text("Ben Osei, West London Trust")),
                    Fact(label="Due", text=text(Moment(at=DUE))),
                )
            ),
            Heading(text="What Amira Khan wrote"),
            Quote(words=words),
            Buttons(buttons=(Button(label="Add our view", verb="view", escalation=CASE, style="primary"),)),
        ),
    )


def told(words: str) -> Card:
    return Card(summary=words, parts=(line(words),))


HELP = Card(
    summary="What you can say",
    parts=(
        strong("What you can say"),
        Facts(
            rows=(
                Fact(label="/escalate", text=text("raise a disagreement")),
                Fact(label="/escalate list", text=text("those that you take part in")),
                Fact(label=f"/escalate show {CASE}", text=text("the case, as you may see it")),
            )
        ),
    ),
)


@dataclass
class SmallBot:
    """Answers a few things, keeps what it was asked, and posts to the page."""

    messages: MemoryMessages
    heard: list[tuple[Asker, str | Press | Submission]] = field(default_factory=list)
    next_answer: Answer | None = None

    async def say(self, asker: Asker, words: str) -> Answer:
        self.heard.append((asker, words))
        if words == "break":
            raise RuntimeError("secret words that somebody typed")
        return self.next_answer or (triage_form() if words in {"", "new"} else HELP)

    async def press(self, asker: Asker, press: Press) -> Answer:
        self.heard.append((asker, press))
        answers: dict[str, Answer] = {
            "danger_no": tell_form(),
            "open": brief_form("Nobody came.\n\n  * <b>Twice</b> & [x](y) <!channel>"),
            "view": tell_form(),
        }
        return self.next_answer or answers.get(press.verb) or told("You will hear what they decide.")

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        self.heard.append((asker, submission))
        missing = {
            part.id: f"“{part.label}” is still empty"
            for part in TELL_FIELDS
            if not part.optional and not submission.values.get(part.id)
        }
        if missing and submission.kind == "raise":
            return tell_form(submission.values, missing)
        await PageSender(self.messages).post(asker.room or asker.account, case_card())
        return told(f"Raised as {CASE}. Ben Osei is asked now.")

    def last(self) -> str | Press | Submission:
        return self.heard[-1][1]
