"""Our own check that an activity comes from the Bot Framework, for this bot, over this service URL.

Source: platform notes for Teams, "Where botbuilder trips people", 3; Microsoft's "Authentication with the Bot
Connector API". The signing keys are fetched once, anew every hour, and at once when a token names a key that
we don't know, though not more often than every ten seconds, whoever asks.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import aiohttp
import jwt
from jwt.algorithms import RSAAlgorithm

from adapters.teams.session import SharedSession
from adapters.teams.settings import TeamsSettings, fetchable

CHANNEL: Final = "msteams"
SKEW: Final = 300.0  # seconds by which two clocks may differ
FETCH_AT_MOST_EVERY: Final = 10.0
KEYS_LAST: Final = 3600.0  # after so long they are fetched anew, though all that were asked for are known
KEYS_END: Final = 86400.0  # and so long they are trusted where they can't be fetched
FETCH_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
LONGEST_TOKEN: Final = 8192
LONGEST_KEYS: Final = 1 << 20
CLAIMS: Final[Any] = {
    "require": ["exp", "nbf", "iss", "aud"],
    "strict_aud": True,  # ours, and ours alone
    "verify_exp": False,  # times are compared with the clock that we were given
    "verify_nbf": False,
    "verify_iat": False,
}
NUMBERS: Final = (int, float)  # and not bool
Clock: TypeAlias = Callable[[], float]


class NotAuthentic(Exception):
    """401: it can't be told who sent this. The message is a code, without anything from the token."""


class NotPermitted(Exception):
    """403: it is known who sent this, and they may not, or not this."""


@dataclass(frozen=True)
class SigningKey:
    key: Any
    endorsements: frozenset[str]


@dataclass(frozen=True)
class Bearer:
    """A token that holds: what it vouches for."""

    service_url: str
    endorsements: frozenset[str]

    def vouches_for(self, activity: Mapping[str, Any]) -> None:
        """Raises NotPermitted for another channel's activity, or one from another service URL."""
        channel, service_url = activity.get("channelId"), activity.get("serviceUrl")
        if channel != CHANNEL or CHANNEL not in self.endorsements:
            raise NotPermitted("channel_not_endorsed")
        if not isinstance(service_url, str) or not self.service_url:
            raise NotPermitted("service_url_missing")
        if service_url.rstrip("/") != self.service_url.rstrip("/"):
            raise NotPermitted("service_url_differs")


class SigningKeys:
    """The keys that the Bot Framework signs with, by their ids, from the OpenID document at `openid_url`."""

    def __init__(self, openid_url: str, session: SharedSession, clock: Clock = time.monotonic) -> None:
        self._openid_url = openid_url
        self._session = session
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        self.fetches = 0

    async def get(self, kid: str) -> SigningKey | None:
        """None if there is no such key, also when it was asked for too recently to ask again."""
        known = self._known(kid)
        if known is None or self._clock() - self._fetched_at > KEYS_LAST:
            fetching = self._fetch_soon()
            if fetching and known is None:
                await asyncio.wait({fetching})
                return self._known(kid)
        return known

    def _known(self, kid: str) -> SigningKey | None:
        return self._keys.get(kid) if self._clock() - self._fetched_at < KEYS_END else None

    def _fetch_soon(self) -> asyncio.Task[None] | None:
        """One at a time, begun ten seconds after the last one at the earliest."""
        if self._fetching and not self._fetching.done():
            return self._fetching
        if self._clock() - self._tried_at < FETCH_AT_MOST_EVERY:
            return None
        self._tried_at = self._clock()
        self._fetching = asyncio.create_task(self._fetch(), name="teams-keys")
        return self._fetching

    async def _fetch(self) -> None:
        """The keys that are there now take the place of all others; without an answer the old ones stay."""
        self.fetches += 1
        try:
            document = await self._json(self._openid_url)
            address = document.get("jwks_uri")
            if not isinstance(address, str) or not fetchable(address):
                return
            keys = _read_keys(await self._json(address))
            if keys:
                self._keys, self._fetched_at = keys, self._clock()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return

    async def _json(self, url: str) -> Mapping[str, Any]:
        async with self._session.get().get(url, timeout=FETCH_TIMEOUT, allow_redirects=False) as answer:
            answer.raise_for_status()
            read = json.loads(await answer.content.read(LONGEST_KEYS))
        if not isinstance(read, dict):
            raise ValueError  # noqa: TRY004 - what a server sent is a value, not a type of ours
        return read

    async def close(self) -> None:
        if self._fetching:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})


class TokenCheck:
    """`clock`: seconds since 1970."""

    def __init__(self, settings: TeamsSettings, keys: SigningKeys, clock: Clock = time.time) -> None:
        self._settings = settings
        self._keys = keys
        self._clock = clock

    async def bearer(self, authorization: str | None) -> Bearer:
        """From the Authorization header. Raises NotAuthentic or NotPermitted; asks nobody but for keys."""
        token = _token(authorization)
        key = await self._keys.get(_key_id(token))
        if key is None:
            raise NotAuthentic("key_unknown")
        claims = self._claims(token, key)
        self._check_times(claims)
        if CHANNEL not in key.endorsements:
            raise NotPermitted("key_not_endorsed")
        service_url = claims.get("serviceurl", claims.get("serviceUrl"))
        return Bearer(service_url if isinstance(service_url, str) else "", key.endorsements)

    def _claims(self, token: str, key: SigningKey) -> Mapping[str, Any]:
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._settings.app_id,
                issuer=self._settings.cloud.issuer,
                options=CLAIMS,
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise NotAuthentic("token_not_right") from None

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """By our clock, give or take five minutes."""
        now, until, since = self._clock(), claims["exp"], claims["nbf"]
        if type(until) not in NUMBERS or type(since) not in NUMBERS:
            raise NotAuthentic("times_not_right")
        if not now - SKEW < until:
            raise NotAuthentic("token_expired")
        if not since < now + SKEW:
            raise NotAuthentic("token_not_yet_valid")


def _token(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.casefold() != "bearer" or not token.isascii() or not 0 < len(token) <= LONGEST_TOKEN:
        raise NotAuthentic("no_token")
    return token


def _key_id(token: str) -> str:
    """The name of the key that a token says it is signed with. Nothing but RS256 is looked at further."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise NotAuthentic("token_not_readable") from None
    kid = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(kid, str) or not kid:
        raise NotAuthentic("token_not_signed_so")
    return kid


def _read_keys(document: Mapping[str, Any]) -> dict[str, SigningKey]:
    """One that can't be read is left out."""
    keys = {}
    listed = document.get("keys")
    for each in listed if isinstance(listed, list) else []:
        try:
            kid, endorsed = each["kid"], each.get("endorsements", [])
            if each["kty"] == "RSA" and isinstance(kid, str) and isinstance(endorsed, list):
                public = {"kty": "RSA", "n": each["n"], "e": each["e"]}
                keys[kid] = SigningKey(RSAAlgorithm.from_jwk(public), frozenset(map(str, endorsed)))
        except (KeyError, TypeError, AttributeError, ValueError, jwt.PyJWTError):
            continue
    return keys
