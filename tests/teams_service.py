"""The Connector's side of the stand-in for Teams: addresses that a bot calls, what they keep, and how they
misbehave when told to.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from tests.teams_blocks import Json, card_of
from tests.teams_signing import BotFramework

Judge = Callable[[str, Json], None]
THREAD_RATES = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
BOT_RATES = ((50, 1.0),)
LARGEST = 100_000


@dataclass
class Trouble:
    """What the next calls meet. `status` 0 drops the connection; `after_doing` lets the call take effect."""

    status: int
    times: int = 1
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    conversation: str = ""
    after_doing: bool = False


@dataclass
class Message:
    id: str
    conversation: str
    root: str
    """The message that its thread hangs on; itself if it began one, "" in a chat."""
    activity: Json
    updates: list[Json] = field(default_factory=list)
    deleted: bool = False

    @property
    def now(self) -> Json:
        """As it stands after its updates."""
        return self.updates[-1] if self.updates else self.activity


@dataclass
class Windows:
    """Counts arrivals, and says when there are too many."""

    rates: tuple[tuple[int, float], ...]
    arrived: deque[float] = field(default_factory=deque)

    def too_many(self, now: float) -> bool:
        while self.arrived and self.arrived[0] <= now - max(seconds for _, seconds in self.rates):
            self.arrived.popleft()
        for most, seconds in self.rates:
            if sum(1 for moment in self.arrived if moment > now - seconds) >= most:
                return True
        self.arrived.append(now)
        return False


@dataclass(kw_only=True)
class TeamsService:
    """All state, and the handlers. `enforce_rates` refuses with 429 as Teams does."""

    app_id: str
    app_password: str
    framework: BotFramework
    judges: list[Judge] = field(default_factory=list)  # told ("message" | "dialog" | "answer", the card)
    sizes: list[int] = field(default_factory=list)  # of the bodies of messages, in bytes
    complaints: list[AssertionError] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)  # method and path, all but keys and tokens
    conversations: set[str] = field(default_factory=set)
    spoken: set[str] = field(default_factory=set)  # ids of what people said in channels
    personal: dict[tuple[str, str], str] = field(default_factory=dict)  # (tenant, object id) -> conversation
    without_app: set[str] = field(default_factory=set)  # object ids: they are met by what Teams calls them
    troubles: list[Trouble] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # openid, keys, token, refused, created
    enforce_rates: bool = False
    token_lasts: int = 3600
    tokens: set[str] = field(default_factory=set)
    base: str = ""
    delay: float = 0.0
    _numbers: int = 1_700_000_000_000
    _threads: dict[str, Windows] = field(default_factory=dict)
    _bot: Windows = field(default_factory=lambda: Windows(BOT_RATES))
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/openid", self._openid)
        application.router.add_get("/keys", self._keys)
        application.router.add_post("/token", self._token)
        application.router.add_post("/{region}/v3/conversations", self._guarded(self._create))
        one = "/{region}/v3/conversations/{conversation}/activities"
        application.router.add_post(one, self._guarded(self._post))
        application.router.add_put(one + "/{message}", self._guarded(self._update))
        return application

    def number(self) -> str:
        self._numbers += 1
        return str(self._numbers)

    def judge(self, kind: str, shown: Json) -> None:
        for judge in self.judges:
            try:
                judge(kind, shown)
            except AssertionError as complaint:
                self.complaints.append(complaint)

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, found: Callable[[], Any], seconds: float = 10) -> Any:
        """Waits for something that the bot does by itself; returns what `found` found."""
        async with asyncio.timeout(seconds), self._changed:
            while not (there := found()):
                await self._changed.wait()
        return there

    # What the bot calls

    async def _openid(self, request: web.Request) -> web.Response:
        self.counts["openid"] += 1
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.base}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        self.counts["keys"] += 1
        return web.json_response(self.framework.keys())

    async def _token(self, request: web.Request) -> web.Response:
        self.counts["token"] += 1
        asked = {key: values[0] for key, values in parse_qs(await request.text()).items()}
        right = asked.get("client_secret") == self.app_password or "client_assertion" in asked
        if asked.get("client_id") != self.app_id or not right:
            refused = {"error": "invalid_client", "error_codes": [7000215], "error_description": str(asked)}
            return web.json_response(refused, status=401)
        token = f"token-{self.counts['token']}"
        self.tokens.add(token)
        return web.json_response(
            {"token_type": "Bearer", "expires_in": self.token_lasts, "access_token": token}
        )

    def _guarded(self, handle: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.calls.append((request.method, request.path))
            if self.delay:
                await asyncio.sleep(self.delay)
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.tokens:
                return _refusal(401, "Unauthorized")
            conversation = request.match_info.get("conversation", "")
            trouble = self._trouble(conversation)
            if trouble and not trouble.after_doing:
                return self._fail(request, trouble)
            if self.enforce_rates and self._too_many(conversation.partition(";")[0]):
                self.counts["refused"] += 1
                return _refusal(429, "TooManyRequests", {"Retry-After": "1"})
            answer: web.StreamResponse = await handle(request)
            await self.changed()
            return self._fail(request, trouble) if trouble else answer

        return guarded

    def _trouble(self, conversation: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.times > 0 and trouble.conversation in conversation:
                trouble.times -= 1
                return trouble
        return None

    @staticmethod
    def _fail(request: web.Request, trouble: Trouble) -> web.Response:
        if trouble.status == 0:
            assert request.transport is not None
            request.transport.close()
        return _refusal(trouble.status or 500, trouble.code, trouble.headers)

    def _too_many(self, thread: str) -> bool:
        now = time.monotonic()
        if self._bot.too_many(now):
            return True
        return bool(thread) and self._threads.setdefault(thread, Windows(THREAD_RATES)).too_many(now)

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        tenant = asked.get("channelData", {}).get("tenant", {}).get("id")
        member = asked["members"][0]["id"] if len(asked.get("members", [])) == 1 else ""
        known = [key for key in self.personal if key[0] == tenant and member in {key[1], f"29:{key[1]}"}]
        if asked.get("isGroup") or not known or member in self.without_app:
            return _refusal(403, "UserAccountNotFound")
        self.counts["created"] += 1
        if self.personal[known[0]] not in self.conversations:
            self.personal[known[0]] = f"a:{self.number()}"
            self.conversations.add(self.personal[known[0]])
        return web.json_response({"id": self.personal[known[0]]}, status=201)

    async def _post(self, request: web.Request) -> web.Response:
        conversation, _, root = request.match_info["conversation"].partition(";messageid=")
        if conversation not in self.conversations:
            return _refusal(404, "ConversationNotFound")
        there = {each.id for each in self.messages if not each.deleted} | self.spoken
        if root and root not in there:
            return _refusal(404, "ActivityNotFoundInConversation")
        raw = await request.read()
        self.sizes.append(len(raw))
        if len(raw) > LARGEST:
            return _refusal(413, "MessageSizeTooBig")
        activity = await request.json()
        name = self.number()
        in_channel = conversation.startswith("19:")
        self.messages.append(Message(name, conversation, (root or name) if in_channel else "", activity))
        self._look_at(activity)
        return web.json_response({"id": name}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"].partition(";")[0]
        for message in self.messages:
            if (message.conversation, message.id) == (conversation, request.match_info["message"]):
                if message.deleted:
                    break
                message.updates.append(await request.json())
                self._look_at(message.now)
                return web.json_response({"id": message.id})
        return _refusal(404, "ActivityNotFoundInConversation")

    def _look_at(self, activity: Json) -> None:
        if "attachments" in activity:
            self.judge("message", card_of(activity))


def _refusal(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"code": code, "message": "words that may quote what was sent"}}
    return web.json_response(body, status=status, headers=headers)
