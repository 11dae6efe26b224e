"""The page on a real server, and Chromium to look at it with."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession, web
from playwright.async_api import Browser, async_playwright

from adapters.web.app import create_page
from adapters.web.sender import PageSender
from tests.adapters.web.fakes import MemoryMessages, SmallBot, SmallWorld


@dataclass
class Served:
    """The page at `address`, and everything behind it."""

    address: str
    bot: SmallBot
    messages: MemoryMessages
    world: SmallWorld
    sender: PageSender
    http: ClientSession


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    messages, world = MemoryMessages(), SmallWorld()
    bot, app = SmallBot(messages), web.Application()
    page = create_page(bot, messages, world)
    page.routes(app)
    # The bot's own runner: aiohttp's test server ends handlers whose client has gone, and this one doesn't.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession() as http:
        yield Served(address, bot, messages, world, page.sender, http)
    await runner.cleanup()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
            ],
        )
        yield browser
        await browser.close()
