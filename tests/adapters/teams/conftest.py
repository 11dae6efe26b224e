"""A stand-in for Teams with the adapter behind it, and a bot that answers as it was told to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from adapters.teams.app import TeamsPlatform, TeamsSettings, create_teams
from core.cards.model import Button, Buttons, Card, Field, Form, line
from core.conversation import Answer, Asker, Press, Submission
from tests.teams_connector import APP, PASSWORD, TENANT, Channel, Member, TeamsStandIn, running
from tests.teams_references import ReferencesInMemory

OTHER_TENANT = "7e7e7e7e-0000-4000-8000-000000000002"
AMIRA = Member("amira", "aaaaaaaa-0000-4000-8000-000000000001")
BEN = Member("ben", "bbbbbbbb-0000-4000-8000-000000000001", OTHER_TENANT)
STRANGER = Member("stranger", "cccccccc-0000-4000-8000-000000000001", "7e7e7e7e-0000-4000-8000-00000000000f")
WARD = Channel("19:ward@thread.tacv2")
CHAT = Channel("19:chat@thread.v2", team="")

TOLD = Card(summary="Told", parts=(line("It is done."),))
FORM = Form(
    kind="note",
    title="Add a note",
    parts=(Field(id="words", label="What happened?", entry="long"),),
    submit="Send",
    carry={"case": "case1", "form_id": "f1"},
)


def card(words: str = "Please look", verb: str = "agree", summary: str = "HF-2026-0001") -> Card:
    button = Button(label="Agree", verb=verb, escalation="case1", object="o1")
    return Card(summary=summary, parts=(line(words), Buttons(buttons=(button,))))


@dataclass
class Bot:
    """A Conversation that keeps what it was asked, and gives `answer` (raised, if it is an error)."""

    answer: Answer | Exception = TOLD
    said: list[tuple[Asker, str]] = field(default_factory=list)
    pressed: list[tuple[Asker, Press]] = field(default_factory=list)
    submitted: list[tuple[Asker, Submission]] = field(default_factory=list)
    hold: asyncio.Event | None = None

    @property
    def asked(self) -> int:
        return len(self.said) + len(self.pressed) + len(self.submitted)

    async def say(self, asker: Asker, words: str) -> Answer:
        self.said.append((asker, words))
        return await self._answer()

    async def press(self, asker: Asker, press: Press) -> Answer:
        self.pressed.append((asker, press))
        return await self._answer()

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        self.submitted.append((asker, submission))
        return await self._answer()

    async def _answer(self) -> Answer:
        if self.hold:
            await self.hold.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Teams:
    """The stand-in, the adapter and the bot behind it."""

    there: TeamsStandIn
    platform: TeamsPlatform
    bot: Bot
    references: ReferencesInMemory
    settings: TeamsSettings


def settings_for(there: TeamsStandIn, **changed: Any) -> TeamsSettings:
    settings = TeamsSettings(
        app_id=APP,
        app_password=PASSWORD,
        tenant_id=TENANT,
        allowed_tenants=frozenset({TENANT, OTHER_TENANT}),
        service_hosts=frozenset({there.host}),
        openid_url=there.openid_url,
        token_url=there.token_url,
    )
    return replace(settings, **changed)


@pytest.fixture
async def stand_in() -> AsyncIterator[TeamsStandIn]:
    people = [AMIRA, BEN, STRANGER]
    async with running("", people, {"ward": WARD, "chat": CHAT}) as there:
        yield there


@pytest.fixture
async def teams(stand_in: TeamsStandIn) -> AsyncIterator[Teams]:
    bot, references, settings = Bot(), ReferencesInMemory(), settings_for(stand_in)
    platform = create_teams(settings, bot, references)
    application = web.Application()
    platform.routes(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
    yield Teams(stand_in, platform, bot, references, settings)
    await runner.cleanup()
    await platform.close()
