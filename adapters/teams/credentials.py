"""Our own token for the Connector: fetched once, kept, and renewed beside the work before it ends.

How we prove who we are to Entra differs (a secret, a certificate, a federated token, a managed identity);
what comes back is the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import secrets
import ssl
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import aiohttp
import jwt

from adapters.teams.session import SharedSession
from adapters.teams.settings import TeamsSettings, TeamsSettingsInvalid
from core.delivery import TryLater

RENEW_BEFORE: Final = 600.0  # seconds before it ends, a new one is fetched while the old one is still used
UNSAFE_BEFORE: Final = 60.0  # so shortly before, the old one isn't shown any more
AGAIN_AFTER: Final = 15.0  # between two tries to renew one that still holds
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LASTS: Final = 300
IMDS: Final = "http://169.254.169.254/metadata/identity/oauth2/token"
LONGEST_ANSWER: Final = 1 << 16
CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL
)
Clock: TypeAlias = Callable[[], float]


@dataclass(frozen=True)
class Fetched:
    token: str = field(repr=False)
    lasts: float
    """Seconds from when it was fetched."""


class TokenFetch(Protocol):
    async def fetch(self) -> Fetched:
        """Raises TryLater: whatever is wrong is for an administrator to put right, and what is due waits."""
        ...


class Proof(Protocol):
    """What shows Entra that we are the app."""

    def fields(self, token_url: str, app_id: str) -> dict[str, str]:
        """What is added to the request for a token."""
        ...


@dataclass(frozen=True)
class ClientSecret:
    secret: str = field(repr=False)

    def fields(self, token_url: str, app_id: str) -> dict[str, str]:
        return {"client_secret": self.secret}


@dataclass(frozen=True)
class Certificate:
    """`pem`: the private key and the certificate, one after the other. Raises TeamsSettingsInvalid."""

    pem: str = field(repr=False)
    clock: Clock = time.time
    thumbprint: str = field(init=False)
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found, key = CERTIFICATE.search(self.pem), PRIVATE_KEY.search(self.pem)
        if not found or not key:
            raise TeamsSettingsInvalid("The certificate's file needs the private key and the certificate.")
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).digest()
        object.__setattr__(self, "thumbprint", urlsafe_b64encode(digest).rstrip(b"=").decode())
        object.__setattr__(self, "key", key[0])

    def fields(self, token_url: str, app_id: str) -> dict[str, str]:
        now = int(self.clock())
        claims = {
            "aud": token_url,
            "iss": app_id,
            "sub": app_id,
            "jti": secrets.token_hex(16),
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_LASTS,
        }
        signed = jwt.encode(claims, self.key, algorithm="PS256", headers={"x5t#S256": self.thumbprint})
        return {"client_assertion_type": ASSERTION, "client_assertion": signed}


@dataclass(frozen=True)
class FederatedToken:
    """A token that Azure puts into a file and renews there (workload identity)."""

    file: Path

    def fields(self, token_url: str, app_id: str) -> dict[str, str]:
        try:
            token = self.file.read_text().strip()
        except OSError as error:
            raise TryLater("federated_token_unreadable") from error
        return {"client_assertion_type": ASSERTION, "client_assertion": token}


@dataclass(frozen=True)
class EntraToken:
    """A TokenFetch: Entra's client credentials grant."""

    session: SharedSession
    settings: TeamsSettings
    proof: Proof

    async def fetch(self) -> Fetched:
        url = self.settings.entra_token_url
        form = {
            "grant_type": "client_credentials",
            "client_id": self.settings.app_id,
            "scope": self.settings.cloud.scope,
            **self.proof.fields(url, self.settings.app_id),
        }
        return _fetched(await _asked(self.session.get().post(url, data=form, allow_redirects=False)))


@dataclass(frozen=True)
class ManagedIdentityToken:
    """A TokenFetch: from the machine or the App Service that we run on, which vouches for us."""

    session: SharedSession
    settings: TeamsSettings
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    async def fetch(self) -> Fetched:
        endpoint, header = self.environment.get("IDENTITY_ENDPOINT"), self.environment.get("IDENTITY_HEADER")
        resource = self.settings.cloud.scope.removesuffix("/.default")
        query = {"resource": resource, "client_id": self.settings.app_id}
        if endpoint and header:
            query["api-version"], headers = "2019-08-01", {"X-IDENTITY-HEADER": header}
        else:
            endpoint, headers = IMDS, {"Metadata": "true"}
            query["api-version"] = "2018-02-01"
        call = self.session.get().get(endpoint, params=query, headers=headers, allow_redirects=False)
        return _fetched(await _asked(call))


class TokenSource:
    """One for the bot. `clock` runs steadily, in seconds."""

    def __init__(self, fetch: TokenFetch, clock: Clock = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token = ""
        self._ends = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def token(self) -> str:
        """At once while one holds. Raises TryLater."""
        left = self._ends - self._clock()
        if left > RENEW_BEFORE:
            return self._token
        if left > UNSAFE_BEFORE:
            if self._clock() - self._tried_at > AGAIN_AFTER:
                self._begin()
            return self._token
        await asyncio.shield(self._begin())
        return self._token

    def forget(self, token: str) -> None:
        """The Connector refused this one."""
        if token == self._token:
            self._ends = float("-inf")

    def _begin(self) -> asyncio.Task[None]:
        """One fetch at a time, whoever waits for it."""
        if self._fetching is None or self._fetching.done():
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._renew(), name="teams-token")
            self._fetching.add_done_callback(_looked_at)
        return self._fetching

    async def _renew(self) -> None:
        begun = self._clock()
        fetched = await self._fetch.fetch()
        self._token, self._ends = fetched.token, begun + fetched.lasts

    async def close(self) -> None:
        if self._fetching:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})


def _looked_at(task: asyncio.Task[None]) -> None:
    """One that failed in the background is tried again; whoever waits for it hears of it anyway."""
    if not task.cancelled():
        task.exception()


async def _asked(call: Any) -> Mapping[str, Any]:
    """Raises TryLater with a status, Entra's code (AADSTS7000215) or a type's name: never a secret."""
    try:
        async with call as answer:
            status: int = answer.status
            body = json.loads(await answer.content.read(LONGEST_ANSWER))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise TryLater(f"token_{type(error).__name__}") from None
    if status != 200 or not isinstance(body, dict):
        codes = body.get("error_codes") if isinstance(body, dict) else None
        code = f"_AADSTS{int(codes[0])}" if isinstance(codes, list) and codes and _is_number(codes[0]) else ""
        raise TryLater(f"token_http_{status}{code}")
    return body


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _fetched(body: Mapping[str, Any]) -> Fetched:
    token = body.get("access_token")
    try:
        lasts = float(body.get("expires_in", 0))
    except (TypeError, ValueError):
        lasts = 0.0
    if not isinstance(token, str) or not token or not lasts > 0:
        raise TryLater("token_answer_not_right")
    return Fetched(token, lasts)


def token_source(settings: TeamsSettings, session: SharedSession) -> TokenSource:
    """As the registration says. Raises TeamsSettingsInvalid if there is nothing to prove ourselves with."""
    return TokenSource(_fetch_for(settings, session))


def _fetch_for(settings: TeamsSettings, session: SharedSession) -> TokenFetch:
    if settings.app_type == "UserAssignedMSI":
        return ManagedIdentityToken(session, settings)
    if settings.certificate:
        return EntraToken(session, settings, Certificate(settings.certificate))
    if settings.federated_token_file:
        return EntraToken(session, settings, FederatedToken(Path(settings.federated_token_file)))
    if settings.app_password:
        return EntraToken(session, settings, ClientSecret(settings.app_password))
    if settings.insecure_local:
        return NoToken()
    raise TeamsSettingsInvalid("Teams needs MICROSOFT_APP_PASSWORD, or a certificate in its place.")


class NoToken:
    """For an emulator on this machine, which looks at none."""

    async def fetch(self) -> Fetched:
        return Fetched("none", 86400.0)
