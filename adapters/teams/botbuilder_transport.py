"""TeamsTransport on botbuilder's Connector client: the one module that knows botbuilder.

Its client builds the addresses and bodies of the Connector's REST calls. What it brings beside that stays
out: its own HTTP (threads, no time limit), its tokens (fetched within the work) and its errors (which
quote bodies). Ours take their places in its pipeline.
"""

from __future__ import annotations

import json
from typing import Any, Final

import aiohttp
from botframework.connector.aio import ConnectorClient
from botframework.connector.models import ChannelAccount, ConversationParameters
from msrest.pipeline import Response, SansIOHTTPPolicy
from msrest.pipeline.async_abc import AsyncHTTPSender, AsyncPipeline
from msrest.pipeline.universal import RawDeserializer
from msrest.universal_http import HTTPClientResponse

from adapters.teams.credentials import TokenSource
from adapters.teams.references import ConversationReference
from adapters.teams.session import SharedSession
from adapters.teams.settings import NotAllowed, TeamsSettings
from adapters.teams.transport import meaning
from core.delivery import Rejected, SendingFailed, TryLater, Unreachable

LONGEST_ANSWER: Final = 1 << 18
FEW_CLIENTS: Final = 50
"""So many service URLs are spoken to; there are a handful."""


class BotbuilderTransport:
    """A `TeamsTransport`. Service URLs are checked against the list once more before anything is sent."""

    def __init__(self, settings: TeamsSettings, tokens: TokenSource, session: SharedSession) -> None:
        self._settings = settings
        self._tokens = tokens
        self._session = session
        self._clients: dict[str, Any] = {}

    async def post(
        self, reference: ConversationReference, activity: dict[str, Any], reply_to: str = ""
    ) -> str:
        conversation = _threaded(reference.conversation, reply_to)
        sent = self._conversations(reference.service_url).send_to_conversation(
            conversation, self._activity(reference, conversation, activity)
        )
        answer = await self._checked(sent, of_message=bool(reply_to))
        return _id_of(answer)

    async def update(
        self, reference: ConversationReference, message: str, activity: dict[str, Any], reply_to: str = ""
    ) -> None:
        conversation = _threaded(reference.conversation, reply_to)
        body = self._activity(reference, conversation, {**activity, "id": message})
        sent = self._conversations(reference.service_url).update_activity(conversation, message, body)
        await self._checked(sent, of_message=True)

    async def create_personal(self, service_url: str, tenant: str, user: str) -> str:
        asked = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=self._settings.bot_id),
            members=[ChannelAccount(id=user)],
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )
        return _id_of(await self._checked(self._conversations(service_url).create_conversation(asked)))

    async def close(self) -> None:
        await self._tokens.close()
        self._clients.clear()

    def _activity(self, reference: ConversationReference, conversation: str, activity: dict[str, Any]) -> Any:
        """Ours, addressed. Attachments go through as they are."""
        return {
            **activity,
            "from": {"id": reference.bot or self._settings.bot_id},
            "conversation": {"id": conversation, "tenantId": reference.tenant},
            "channelId": "msteams",
            "serviceUrl": reference.service_url,
        }

    def _conversations(self, service_url: str) -> Any:
        """The client for this service URL. Raises Unreachable if its host isn't on the list."""
        try:
            url = self._settings.check_service_url(service_url)
        except NotAllowed:
            raise Unreachable("service_host_not_allowed") from None
        if url not in self._clients:
            if len(self._clients) >= FEW_CLIENTS:
                self._clients.clear()
            through = _Through(self._tokens, self._session)
            self._clients[url] = ConnectorClient(
                SansIOHTTPPolicy(),  # it wants credentials; ours are shown in the pipeline
                base_url=url.rstrip("/"),
                pipeline_type=lambda _: AsyncPipeline([], through),
            )
        return self._clients[url].conversations

    @staticmethod
    async def _checked(sent: Any, *, of_message: bool = False) -> Any:
        """Raises as the table says: what the Connector refused as such, all else as ours or the network's."""
        try:
            return await sent
        except _Refused as refused:
            raise meaning(refused.status, refused.code, refused.headers, of_message=of_message) from None
        except SendingFailed:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TryLater(type(error).__name__) from None
        except Exception as error:
            raise Rejected(type(error).__name__) from None


class _Refused(Exception):
    """The Connector's answer, when it isn't a good one: its status, its error code and its headers."""

    def __init__(self, status: int, code: str, headers: dict[str, str]) -> None:
        super().__init__(status)
        self.status, self.code, self.headers = status, code, headers


class _Through(AsyncHTTPSender[Any, Any]):
    """The end of the client's pipeline: our token, our session, and JSON in UTF-8."""

    def __init__(self, tokens: TokenSource, session: SharedSession) -> None:
        self._tokens = tokens
        self._session = session

    async def __aexit__(self, *_: object) -> None:
        """The session is the platform's to close."""

    async def send(self, request: Any, **_: Any) -> Any:
        asked = request.http_request
        token = await self._tokens.token()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        body = json.dumps(json.loads(asked.data), ensure_ascii=False).encode() if asked.data else None
        if body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        call = self._session.get().request(
            asked.method, asked.url, data=body, headers=headers, allow_redirects=False
        )
        async with call as answer:
            read = _json(await answer.content.read(LONGEST_ANSWER))
            if not 200 <= answer.status < 300:
                if answer.status == 401:
                    self._tokens.forget(token)
                raise _Refused(answer.status, _code_of(read), dict(answer.headers))
        response = HTTPClientResponse(asked, None)
        response.status_code = answer.status
        return Response(request, response, {RawDeserializer.CONTEXT_NAME: read})


def _threaded(conversation: str, reply_to: str) -> str:
    """A thread in a channel is a conversation of its own, named after its first message."""
    return f"{conversation};messageid={reply_to}" if reply_to else conversation


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        return {}


def _code_of(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def _id_of(answer: Any) -> str:
    """Raises TryLater: an answer without an id has told us nothing that we could go on with."""
    found = getattr(answer, "id", None)
    if not isinstance(found, str) or not found:
        raise TryLater("answer_without_id")
    return found
