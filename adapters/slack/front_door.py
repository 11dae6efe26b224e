"""The door before Bolt: only what Slack signed a moment ago, and can be read, comes in. Nothing else is even
parsed.

Bolt answers broken JSON and odd timestamps with 500, and reads a slash command whose words contain "payload"
as an empty body. So the signature is checked and the body parsed here, and Bolt is handed the parsed payload.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack import limits
from adapters.slack.logs import failure_code

Dispatch: TypeAlias = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

UNSIGNED: Final = (
    "This address takes requests that Slack has signed in the last five minutes. Check SLACK_SIGNING_SECRET."
)
TOO_LARGE: Final = "This request is larger than any that Slack sends."
NOT_READABLE: Final = "This request can't be read: its body is not what Slack sends."
NOT_KNOWN: Final = "The app doesn't answer this kind of request, or something is missing from it."
LONGEST_TIMESTAMP: Final = 12


class FrontDoor:
    """`dispatch`: Bolt's. `signing_secret`: from the app's page at Slack; ValueError if it is empty."""

    def __init__(self, signing_secret: str, dispatch: Dispatch) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._dispatch = dispatch

    async def handle(self, request: web.Request) -> web.Response:
        """200 with the answer; 413, 401 or 400 with a sentence; never 5xx."""
        raw = await request.read()
        if len(raw) > limits.REQUEST_BYTES:
            return web.Response(status=413, text=TOO_LARGE)
        if not self._signed(request, raw):
            return web.Response(status=401, text=UNSIGNED)
        body = _parsed(raw, request.content_type)
        if body is None:
            return web.Response(status=400, text=NOT_READABLE)
        if body.get("ssl_check") == "1":  # Slack looks at the certificate now and then
            return web.Response()
        return await self._answer(body)

    def _signed(self, request: web.Request, raw: bytes) -> bool:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        plain = timestamp.isascii() and timestamp.isdigit() and signature.isascii()
        if not plain or len(timestamp) > LONGEST_TIMESTAMP:
            return False
        try:
            return self._verifier.is_valid(raw, timestamp, signature)
        except UnicodeDecodeError:
            return False

    async def _answer(self, body: dict[str, Any]) -> web.Response:
        try:
            request = AsyncBoltRequest(body=body, mode="socket_mode")
        except Exception:  # a part of it isn't what it should be: Bolt looks for ids without looking first
            return web.Response(status=400, text=NOT_READABLE)
        try:
            answer = await self._dispatch(request)
        except Exception as error:
            failure_code(error, "reading a payload")
            return web.Response(status=400, text=NOT_KNOWN)
        if answer.status >= 500 or answer.status == 404:
            return web.Response(status=400, text=NOT_KNOWN)
        return await to_aiohttp_response(answer)


def _parsed(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """The payload of an event (JSON), of an interaction (JSON in a form) or of a command (a form)."""
    try:
        words = raw.decode()
        if content_type == "application/json":
            return _object(words)
        form = dict(parse_qsl(words, keep_blank_values=True))
        if "payload" in form:
            return _object(form["payload"])
    except (ValueError, RecursionError):
        return None
    return form if "command" in form or "ssl_check" in form else None


def _object(words: str) -> dict[str, Any] | None:
    read = json.loads(words)
    return read if isinstance(read, dict) and isinstance(read.get("type"), str) else None
