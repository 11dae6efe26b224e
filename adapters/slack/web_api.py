"""Calls to Slack's Web API over one shared session, and the one table of what each failure means."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from core.delivery import MessageGone, Rejected, SendingFailed, TryLater, Unreachable

SLACK_API: Final = "https://slack.com/api/"
RESPONSE_HOSTS: Final = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
TIMEOUT: Final = 10  # seconds

PATIENCE: Final = """
    ratelimited rate_limited message_limit_exceeded internal_error fatal_error service_unavailable
    request_timeout team_added_to_org accesslimited
"""
TO_BE_PUT_RIGHT: Final = """
    invalid_auth not_authed token_expired missing_scope not_allowed_token_type
"""
"""An administrator does so; until then what is due waits, and is shown as waiting."""
OUT_OF_REACH: Final = """
    channel_not_found channel_type_not_supported not_in_channel user_not_in_channel is_archived
    user_not_found users_not_found user_disabled user_not_visible cannot_dm_bot cannot_dm_self
    messages_tab_disabled restricted_action restricted_action_read_only_channel
    restricted_action_non_threadable_channel restricted_action_thread_only_channel
    restricted_action_thread_locked account_inactive token_revoked access_denied no_permission
    team_access_not_granted team_not_found org_login_required ekm_access_denied
"""
GONE: Final = """
    message_not_found thread_not_found cannot_reply_to_message cant_update_message
    edit_window_closed is_inactive
"""
MEANINGS: Final[dict[str, type[SendingFailed]]] = {
    **dict.fromkeys((PATIENCE + TO_BE_PUT_RIGHT).split(), TryLater),
    **dict.fromkeys(OUT_OF_REACH.split(), Unreachable),
    **dict.fromkeys(GONE.split(), MessageGone),
}
"""By Slack's error code; one that isn't here is a defect of ours."""


class WebApi(Protocol):
    """What listeners and the sender need of Slack: one call by its method's name."""

    async def call(self, method: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Slack's answer. Raises SendingFailed, as the table says."""
        ...

    async def respond(self, response_url: str, payload: dict[str, Any]) -> None:
        """Answers an interaction at its own address. Raises SendingFailed."""
        ...


class SharedWebApi:
    """slack_sdk's client on one session, opened at the first call. Its own retries are off: the courier
    retries.
    """

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._token = token
        self._api_url = api_url or SLACK_API
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    async def call(self, method: str, payload: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await self._opened_client().api_call(method, json=payload)
        except Exception as error:
            raise meaning(error) from None
        return answer.data if isinstance(answer.data, dict) else {}

    async def respond(self, response_url: str, payload: dict[str, Any]) -> None:
        if not self._ours_to_call(response_url):
            raise Rejected("response_host")
        try:
            post = self._opened_session().post(response_url, json=payload, allow_redirects=False)
            async with post as answer:
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise meaning(error) from None
        if status != 200:
            raise TryLater(f"http_{status}") if status >= 500 else Rejected(f"http_{status}")

    def _ours_to_call(self, url: str) -> bool:
        """Slack's own hosts over https, or where the Web API is: nowhere else, whatever a payload says."""
        try:
            parts, port = urlsplit(url), urlsplit(url).port
        except ValueError:
            return False
        if parts.scheme == "https" and port in {None, 443} and parts.hostname in RESPONSE_HOSTS:
            return True
        api = urlsplit(self._api_url)
        return (parts.scheme, parts.netloc) == (api.scheme, api.netloc)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = self._client = None

    def _opened_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
            self._client = None
        return self._session

    def _opened_client(self) -> AsyncWebClient:
        session = self._opened_session()
        if self._client is None:
            self._client = AsyncWebClient(
                token=self._token, base_url=self._api_url, session=session, timeout=TIMEOUT, retry_handlers=[]
            )
        return self._client


def meaning(error: Exception) -> SendingFailed:
    """One of ours for one of Slack's or the network's. Only codes and type names are kept: Slack's text may
    quote us.
    """
    if isinstance(error, SlackApiError):
        return _refused(error)
    # Beside the network's: slack_sdk trips over a body that isn't JSON, as a proxy's error page.
    patience = (aiohttp.ClientError, asyncio.TimeoutError, OSError, SlackClientError, AttributeError)
    if isinstance(error, patience):
        return TryLater(type(error).__name__)
    return Rejected(type(error).__name__)


def _refused(error: SlackApiError) -> SendingFailed:
    response: Any = error.response
    status: int = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or status >= 500 or not code:
        return TryLater(code or f"http_{status}", _retry_after(response))
    failure = MEANINGS.get(code, Rejected)(code)
    if isinstance(failure, TryLater):
        failure.after = _retry_after(response)
    return failure


def _retry_after(response: Any) -> float | None:
    headers = {str(key).lower(): value for key, value in (getattr(response, "headers", None) or {}).items()}
    with contextlib.suppress(KeyError, ValueError):
        return max(0.0, float(headers["retry-after"]))
    return None
