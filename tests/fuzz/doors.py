"""The whole server behind its real doors, on a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.bot.made import DIRECTORY
from tests.bot.served import Served, serve
from tests.fuzz.inputs import HANGS
from tests.slack_workspace import SIGNING_SECRET, free_port
from tests.teams_connector import APP, PASSWORD, TENANT, Channel, Member, TeamsStandIn
from tests.teams_connector import running as running_teams

T = TypeVar("T")
BEN = Member("ben", "bbbbbbbb-0000-4000-8000-000000000001")
STRANGER = Member("stranger", "cccccccc-0000-4000-8000-000000000001")
WARD = Channel("19:ward@thread.tacv2")
APOLOGIES = ("(code ", "say code ")
"""What is said where something of ours went wrong."""


class Doors:
    """`to_slack`, `to_teams` and `to_page` send as those do, and check that the answer is a good one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, served: Served, teams: TeamsStandIn) -> None:
        self.loop = loop
        self.served = served
        self.teams = teams

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(HANGS)

    def to_slack(self, body: bytes, content_type: str) -> int:
        stamp = str(int(time.time()))
        digest = hmac.new(SIGNING_SECRET.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256)
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }
        return self.wait_for(self._post(f"{self.served.url}/slack/events", body, headers))

    def to_teams(self, body: bytes, service_url: str = "") -> int:
        token = self.teams.framework.token(service_url or self.teams.service_url)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self.wait_for(self._post(f"{self.served.url}/api/messages", body, headers))

    def to_page(self, path: str, body: bytes, content_type: str) -> int:
        return self.wait_for(self._post(f"{self.served.url}{path}", body, {"Content-Type": content_type}))

    def look(self, path: str) -> int:
        return self.wait_for(self._get(path))

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        async with self.served.http.post(url, data=io.BytesIO(body), headers=headers) as response:
            return self._good(response.status, await response.text())

    async def _get(self, path: str) -> int:
        async with self.served.http.get(f"{self.served.url}{path}") as response:
            if response.content_type == "text/event-stream":
                return response.status
            return self._good(response.status, await response.text())

    def _good(self, status: int, words: str) -> int:
        """Answered, never 5xx, no apology for something of ours, and no error or word of it in the log."""
        said = " ".join([words, *(str(call) for call in self.served.web_api.calls)])
        errors = self.served.log.errors
        self.served.web_api.calls.clear()
        self.served.log.lines.clear()
        self.teams.messages.clear()
        assert 200 <= status < 500, (status, words[:400])
        assert not errors, errors
        assert not any(apology in said for apology in APOLOGIES), said[:800]
        return status


@contextmanager
def opened(folder: Path) -> Iterator[Doors]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="doors", daemon=True)
    thread.start()
    stack = AsyncExitStack()
    try:
        yield asyncio.run_coroutine_threadsafe(_open(stack, folder), loop).result(60)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _open(stack: AsyncExitStack, folder: Path) -> Doors:
    teams = await stack.enter_async_context(
        running_teams("", [BEN, STRANGER], {"ward": WARD}, [], free_port())
    )
    directory = DIRECTORY.replace("teams:T2/BEN", BEN.place)
    served = await stack.enter_async_context(
        serve(
            folder,
            directory,
            rate_limits=1e9,
            microsoft_app_id=APP,
            microsoft_app_password=PASSWORD,
            microsoft_app_tenant_id=TENANT,
            teams_service_hosts=teams.host,
            teams_openid_url=teams.openid_url,
            teams_token_url=teams.token_url,
        )
    )
    return Doors(asyncio.get_running_loop(), served, teams)
