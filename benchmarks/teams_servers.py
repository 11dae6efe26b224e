"""The servers that are measured on Teams, each in a process of its own.

`python -m benchmarks.teams_servers KIND PATH CONNECTOR` prints its port, and stops when its standard input is
closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import jwt
from aiohttp import web

from adapters.teams.app import create_teams
from benchmarks.servers import bare
from benchmarks.teams_board import APP, PASSWORD, settings
from bot.platforms import teams_settings
from core.cards.model import Card, line
from core.conversation import Answer, Asker, Press, Submission
from tests.teams_references import ReferencesInMemory

NOTED = Card(summary="Noted", parts=(line("Noted."),))


@contextlib.asynccontextmanager
async def ours(path: Path, connector: str) -> AsyncIterator[int]:
    """The whole bot, with its scheduler and courier, as `serve` runs it."""
    from bot import preparing
    from bot.logs import set_up_logs
    from bot.wiring import put_together, serving

    given = settings(path, connector)
    set_up_logs(given.log_format)
    pathway = preparing.load_pathway(given.pathway_file)
    database = await asyncio.to_thread(preparing.open_database, given)
    async with serving(put_together(given, database, pathway), "127.0.0.1", 0) as port:
        yield port


class AtOnce:
    """A Conversation that keeps nothing and knows the answer."""

    async def say(self, asker: Asker, words: str) -> Answer:
        return NOTED

    async def press(self, asker: Asker, press: Press) -> Answer:
        return NOTED

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        return NOTED


def transport_alone(connector: str) -> web.Application:
    """Our way in and out, with nothing behind it."""
    platform = create_teams(
        teams_settings(settings(Path("unused"), connector)), AtOnce(), ReferencesInMemory()
    )
    application = web.Application()
    platform.routes(application)

    async def close(_: web.Application) -> None:
        await platform.close()

    application.on_cleanup.append(close)
    return application


def botbuilder(connector: str) -> web.Application:
    """Its own adapter as it comes, with a turn that does nothing: it can't answer invokes."""
    from botbuilder.core import BotFrameworkAdapter, BotFrameworkAdapterSettings, TurnContext
    from botbuilder.schema import Activity
    from botframework.connector.auth import ChannelValidation

    ChannelValidation.open_id_metadata_endpoint = f"{connector}/openid"
    adapter = BotFrameworkAdapter(BotFrameworkAdapterSettings(APP, PASSWORD))

    async def nothing(turn: TurnContext) -> None:
        return None

    async def handle(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(activity, request.headers["Authorization"], nothing)
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/api/messages", handle)
    return application


async def raw(connector: str) -> web.Application:
    """The least that can be done: the token's signature and audience are checked, and it is answered."""
    async with aiohttp.ClientSession() as http, http.get(f"{connector}/keys") as response:
        [published] = (await response.json())["keys"]
    key: Any = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(published))

    async def handle(request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        jwt.decode(token, key, algorithms=["RS256"], audience=APP, issuer="https://api.botframework.com")
        await request.json()
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/api/messages", handle)
    return application


async def main(kind: str, path: Path, connector: str) -> None:
    if kind == "escalate":
        serving = ours(path, connector)
    elif kind == "transport":
        serving = bare(transport_alone(connector))
    else:
        serving = bare(botbuilder(connector) if kind == "botbuilder" else await raw(connector))
    async with serving as port:
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
