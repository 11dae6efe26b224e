"""A small board of plainly invented people, the bot over a real database, and senders that do as told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from bot import preparing
from bot.addressing import Addressing
from bot.board import DirectoryBook, Pathways
from bot.cases import Cases, Decided
from bot.clock import Clock
from bot.conversation import Bot
from bot.courier import Courier
from bot.parcels import Packer
from bot.people import People
from bot.scheduler import Sweep
from bot.settings import SHIPPED_PATHWAY
from core.cards.model import Card, Form
from core.conversation import Answer, Asker, Press, Submission
from core.delivery import Rate
from core.directory import read_directory
from core.escalation import Escalation
from core.pathway import read_pathway
from storage import outbox
from storage.database import Database
from storage.engine import is_sqlite
from storage.schema import migrate
from storage.sealing import Sealing

KEY = sha256(b"a key for tests").digest()
DIRECTORY = """
board: {sab_chair: zoe}
agencies:
  - id: riverbank
    name: Riverbank Council
    kind: local_authority
    room: "slack:T0001/C0001"
    people:
      - {id: amira, name: Amira Invented, line_manager: dara, accounts: ["slack:T0001/UAMIRA"]}
      - {id: dara, name: Dara Invented, roles: [line_manager], accounts: ["slack:T0001/UDARA"]}
      - {id: zoe, name: Zoe Invented, roles: [strategic_leader], accounts: ["slack:T0001/UZOE"]}
  - id: northmoor
    name: Northmoor Trust
    kind: nhs_trust
    room: "slack:T0001/C0002"
    people:
      - {id: ben, name: Ben Invented, line_manager: farah, accounts: ["slack:T0001/UBEN", "teams:T2/BEN"]}
      - {id: farah, name: Farah Invented, roles: [line_manager], accounts: ["slack:T0001/UFARAH"]}
  - id: eastvale
    name: Eastvale Police
    kind: police
    people:
      - {id: kai, name: Kai Invented, line_manager: lena, accounts: ["slack:T0001/UKAI"]}
      - {id: lena, name: Lena Invented, roles: [line_manager], accounts: ["slack:T0001/ULENA"]}
"""
AMIRA = Asker("slack:T0001/UAMIRA", "slack:T0001/C0001")
DARA = Asker("slack:T0001/UDARA", "slack:T0001/C0001")
BEN = Asker("slack:T0001/UBEN", "slack:T0001/C0002")
KAI = Asker("slack:T0001/UKAI")
ROOMS = ("slack:T0001/C0001", "slack:T0001/C0002")

TOLD = {
    "category": ("concern-or-enquiry",),
    "decision_asked": ("A joint visit",),
    "other_agency": ("northmoor",),
    "account": ("The flat is cold",),
    "adult_views": ("own-words",),
    "adult_words": ("Wants to stay at home",),
    "enquiry": ("section-42",),
}


@dataclass
class Fake:
    """A sender. `failures`: by place, what to raise at the next messages, one after another."""

    platform: str
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    sent: list[tuple[str, str, Card]] = field(default_factory=list)
    """(place, the message's id or the one updated, card)"""
    updated: list[str] = field(default_factory=list)
    threads: dict[str, str] = field(default_factory=dict)
    held: asyncio.Event | None = None

    def lane(self, place: str) -> str:
        return place.partition("/")[0]

    def rates(self, place: str) -> tuple[Rate, ...]:
        return ()

    def lane_rates(self, lane: str) -> tuple[Rate, ...]:
        return ()

    async def post(self, place: str, card: Card, thread: str = "") -> str:
        await self._may_fail(place)
        message = f"{self.platform}-{len(self.sent) + 1}"
        self.sent.append((place, message, card))
        self.threads[message] = thread
        return message

    async def update(self, place: str, message: str, card: Card) -> None:
        await self._may_fail(place)
        self.sent.append((place, message, card))
        self.updated.append(message)

    async def _may_fail(self, place: str) -> None:
        if self.held:
            await self.held.wait()
        waiting = self.failures.get(place)
        if waiting:
            raise waiting.pop(0)

    def to(self, place: str) -> list[str]:
        """The words of what was sent there, oldest first."""
        return [words(card) for where, _, card in self.sent if where == place]


@dataclass
class House:
    """All of the bot but the platforms."""

    database: Database
    cases: Cases
    clock: Clock
    bot: Bot
    sweep: Sweep
    courier: Courier
    senders: Mapping[str, Fake]
    told: list[Decided]

    @property
    def slack(self) -> Fake:
        return self.senders["slack"]

    async def raised(self, *named: str, by: Asker = AMIRA, **changes: tuple[str, ...]) -> Escalation:
        """A case raised step by step, as a person does it. `named`: ids from the directory file."""
        form = opened(await self.bot.press(by, Press("new")))
        form = opened(await self.submit(by, form, in_danger=("no",)))
        form = opened(await self.submit(by, form, elsewhere=("none",)))
        form = opened(await self.submit(by, form, **{**TOLD, **changes}))
        people = tuple(self.person(one) for one in named)
        assert isinstance(await self.submit(by, form, named=people), Card)
        return self.told[-1].state

    def person(self, file_id: str) -> str:
        found = self.database.read_now(self.cases.directory.current).by_file_id(file_id)
        assert found is not None
        return found.id

    async def agreed_to_take_part(self) -> Escalation:
        """A case that Amira raised and Ben takes part in."""
        case = await self.raised("ben")
        await self.bot.press(BEN, Press("accept", case.id))
        return self.told[-1].state

    async def submit(self, by: Asker, form: Form, **values: tuple[str, ...]) -> Answer:
        return await self.bot.submit(by, Submission(form.kind, dict(form.carry), values))

    async def note(self, case: Escalation, note: str, by: Asker = AMIRA, delivery: str = "") -> Answer:
        return await self.bot.say(replace(by, delivery=delivery), f"note {case.reference} {note}")

    def now(self, case: Escalation) -> Escalation:
        return self.database.read_now(lambda reader: self.cases.load(reader, case.id))

    def events(self, case: Escalation) -> list[str]:
        entries = self.database.read_now(lambda reader: self.cases.entries(reader, case.id))
        return [entry.event.type for entry in entries]

    def import_directory(self, text: str) -> None:
        """As `directory import` does in another process."""
        preparing.import_directory(self.database, read_directory(text, "directory.yaml", "yaml"))

    async def sent(self) -> None:
        """Wait until all that may be sent now has been."""
        self.courier.wake()
        await self.courier.settle()


def house(url: str, senders: Mapping[str, Fake] | None = None, keys: Sequence[bytes] = (KEY,)) -> House:
    """Its courier isn't started. Close its database."""
    database = Database(url, Sealing(keys))
    migrate(database)
    preparing.import_directory(database, read_directory(DIRECTORY, "directory.yaml", "yaml"))
    pathways = Pathways(read_pathway(SHIPPED_PATHWAY.read_text(), SHIPPED_PATHWAY.name))
    database.write_now(pathways.keep)
    people, clock, told = People(["slack", "teams"]), Clock(), list[Decided]()
    senders = senders or {platform: Fake(platform) for platform in ("slack", "teams")}
    addressing = Addressing(people, senders)
    cases = Cases(pathways, DirectoryBook(), addressing)

    def tell(decided: Decided) -> None:
        told.append(decided)

    return House(
        database=database,
        cases=cases,
        clock=clock,
        bot=Bot(database, cases, people, clock, tell),
        sweep=Sweep(database, cases, clock, tell),
        courier=Courier(
            database, cases, Packer(cases, addressing), clock, addressing, tell, alone=is_sqlite(url)
        ),
        senders=senders,
        told=told,
    )


def doubled(board: House) -> list[tuple[str, str]]:
    """New messages that arrived more than once."""
    new = Counter(
        (place, card.model_dump_json())
        for place, message, card in board.slack.sent
        if message not in board.slack.updated
    )
    return [(place, drawn) for (place, drawn), count in new.items() if count > 1]


async def all_sent(board: House) -> None:
    await until(lambda: not (counts(board)["waiting"] or counts(board)["sending"]), 20)


def counts(board: House) -> dict[str, int]:
    return board.database.read_now(outbox.counts)


async def until(true: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - a sender tells nobody that it was called
            await asyncio.sleep(0.01)


def opened(answer: Answer) -> Form:
    assert isinstance(answer, Form), words(answer)
    assert not wrong(answer), wrong(answer)
    return answer


def wrong(answer: Answer) -> dict[str, str]:
    """What stands beside the fields."""
    if isinstance(answer, Card):
        return {}
    return {one.id: one.error for one in answer.fields() if one.error}


def words(answer: Answer) -> str:
    """All the words of a card or form, as its model has them."""
    return answer.model_dump_json()


def carrying(form: Form, **changes: str) -> Form:
    """The form as somebody sends it who changed what it carries."""
    return form.model_copy(update={"carry": {**form.carry, **changes}})
