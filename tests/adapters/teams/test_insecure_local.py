"""Unsigned activities are for trying the bot on one machine: from its own programs, not from its browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.teams.app import create_teams
from bot.settings import ConfigurationInvalid, read_settings
from tests.adapters.teams.conftest import Teams, settings_for


async def test_a_page_in_the_browser_speaks_for_nobody(teams: Teams) -> None:
    settings = settings_for(teams.there, insecure_local=True, service_hosts=frozenset({teams.there.host}))
    platform = create_teams(replace(settings), teams.bot, teams.references)
    application = web.Application()
    platform.routes(application)
    activity = teams.there.activity("amira") | {"type": "message", "text": "list"}
    async with TestServer(application) as server:
        url = server.make_url("/api/messages")
        for origin in ("https://elsewhere.example", "null", str(server.make_url("/"))):
            async with teams.there.http.post(url, json=activity, headers={"Origin": origin}) as refused:
                assert refused.status == 403
        assert teams.bot.asked == 0
        async with teams.there.http.post(url, json=activity) as taken:
            assert taken.status == 200
        assert teams.bot.asked == 1
    await platform.close()


def test_it_is_refused_where_others_could_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_INSECURE_LOCAL", "1")
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104 - which is what is refused
    with pytest.raises(ConfigurationInvalid, match="lets anybody in"):
        read_settings()
