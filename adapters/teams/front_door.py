"""The door: only what the Bot Framework signed for this bot, from a tenant and a host on our lists, comes in.

An activity that isn't signed isn't read. Nothing that anybody sends is answered with 5xx.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from aiohttp import web

from adapters.teams import parse
from adapters.teams.logs import failure_code, refused
from adapters.teams.settings import NotAllowed, TeamsSettings
from adapters.teams.token_check import CHANNEL, Bearer, NotAuthentic, NotPermitted, TokenCheck

Body: TypeAlias = dict[str, Any]
Take: TypeAlias = Callable[[Body], Awaitable[Body]]
"""Does what an activity asks; gives the body of the answer. Raises UnreadableError."""

UNSIGNED: Final = "This address takes activities that Microsoft Teams has signed for this bot."
NOT_ALLOWED: Final = "This bot doesn't serve this tenant or address. Check TEAMS_ALLOWED_TENANTS."
TOO_LARGE: Final = "This activity is larger than any that Teams sends."
NOT_READABLE: Final = "This activity can't be read: something is missing, or not as Teams sends it."
REQUEST_BYTES: Final = 512 * 1024
DEEPEST: Final = 60
HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class FrontDoor:
    def __init__(self, settings: TeamsSettings, check: TokenCheck, take: Take) -> None:
        self._settings = settings
        self._check = check
        self._take = take

    async def handle(self, request: web.Request) -> web.Response:
        """200 with the answer; 401, 403, 413 or 400 with a sentence."""
        try:
            bearer = await self._bearer(request)
            raw = await request.read()
            if len(raw) > REQUEST_BYTES:
                return web.Response(status=413, text=TOO_LARGE)
            activity = _activity(raw)
            if bearer:
                bearer.vouches_for(activity)
            self._let_in(activity)
            return web.json_response(await self._take(activity))
        except NotAuthentic as why:
            refused("activity not authentic", str(why))
            return web.Response(status=401, text=UNSIGNED)
        except (NotPermitted, NotAllowed) as why:
            refused("activity not permitted", str(why))
            return web.Response(status=403, text=NOT_ALLOWED)
        except parse.UnreadableError as what:
            refused("activity not readable", str(what))
            return web.Response(status=400, text=NOT_READABLE)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413, text=TOO_LARGE)
        except Exception as error:
            failure_code(error, "taking an activity")
            return web.Response(status=400, text=NOT_READABLE)

    async def _bearer(self, request: web.Request) -> Bearer | None:
        """None where activities may come unsigned: from this machine's programs, not from its browser."""
        if not self._settings.insecure_local:
            return await self._check.bearer(request.headers.get("Authorization"))
        if "Origin" in request.headers:
            raise NotPermitted("from_a_browser")
        return None

    def _let_in(self, activity: Body) -> None:
        """The lists of hosts and tenants, for each place in an activity that names one."""
        service_url = activity.get("serviceUrl")
        if activity.get("channelId") != CHANNEL or not isinstance(service_url, str):
            raise parse.UnreadableError("channelId or serviceUrl")
        self._settings.check_service_url(service_url)
        self._settings.check_tenant(parse.tenant_of(activity))
        for holder in ("conversation", "from"):
            named = activity.get(holder)
            tenant = named.get("tenantId") if isinstance(named, Mapping) else None
            if isinstance(tenant, str) and tenant:
                self._settings.check_tenant(tenant)


def _activity(raw: bytes) -> Body:
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        raise parse.UnreadableError("body") from None
    if not isinstance(read, dict) or not isinstance(read.get("type"), str) or _deep(read) > DEEPEST:
        raise parse.UnreadableError("type")
    return _whole(read) if HALF.search(raw) else read


def _whole(read: Body) -> Body:
    """Half a character, as where a message was cut within one, becomes "?": it can't be kept or sent on."""
    whole: Body = json.loads(json.dumps(read, ensure_ascii=False).encode(errors="replace"))
    return whole


def _deep(value: Any, depth: int = 0) -> int:
    """How deep it nests, as far as anybody cares."""
    if depth > DEEPEST or not isinstance(value, dict | list):
        return depth
    inner = value.values() if isinstance(value, dict) else value
    return max((_deep(each, depth + 1) for each in inner), default=depth)
