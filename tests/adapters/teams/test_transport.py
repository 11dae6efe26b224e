"""Our own token, and what the Connector is sent."""

import asyncio
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import jwt
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.teams.credentials import (
    Certificate,
    EntraToken,
    FederatedToken,
    Fetched,
    ManagedIdentityToken,
    TokenSource,
    token_source,
)
from adapters.teams.references import ConversationReference
from adapters.teams.session import SharedSession
from adapters.teams.settings import TeamsSettings, TeamsSettingsInvalid
from core.delivery import TryLater
from tests.adapters.teams.conftest import AMIRA, WARD, Teams, card, settings_for
from tests.teams_blocks import size
from tests.teams_connector import APP, TENANT, TeamsStandIn
from tests.teams_signing import private_key


class Fetch:
    """Counts, and waits to be let through."""

    def __init__(self, lasts: float = 3600) -> None:
        self.lasts, self.count, self.fails = lasts, 0, False
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self) -> Fetched:
        self.count += 1
        await self.gate.wait()
        if self.fails:
            raise TryLater("token_http_503")
        return Fetched(f"token-{self.count}", self.lasts)


@pytest.fixture
async def session() -> AsyncIterator[SharedSession]:
    shared = SharedSession()
    yield shared
    await shared.close()


async def test_a_token_is_fetched_once_for_all_who_ask() -> None:
    fetch = Fetch()
    source = TokenSource(fetch, lambda: 0.0)
    assert set(await asyncio.gather(*(source.token() for _ in range(50)))) == {"token-1"}
    assert fetch.count == 1


async def test_a_token_is_renewed_beside_the_work_before_it_ends() -> None:
    moment, fetch = [0.0], Fetch()
    source = TokenSource(fetch, lambda: moment[0])
    await source.token()
    fetch.gate.clear()
    moment[0] = 3100
    assert [await source.token() for _ in range(3)] == ["token-1"] * 3
    fetch.gate.set()
    assert source._fetching is not None
    await source._fetching
    assert await source.token() == "token-2"
    assert fetch.count == 2


async def test_a_failed_renewal_costs_nothing_while_the_old_token_holds_and_is_not_tried_each_time() -> None:
    moment, fetch = [0.0], Fetch()
    source = TokenSource(fetch, lambda: moment[0])
    await source.token()
    fetch.fails, moment[0] = True, 3100
    for _ in range(10):
        assert await source.token() == "token-1"
        await asyncio.sleep(0)
    assert fetch.count == 2
    moment[0] = 3590
    with pytest.raises(TryLater):
        await source.token()
    fetch.fails = False
    assert await source.token() == "token-4"


async def test_a_wrong_secret_is_waited_out_and_never_quoted(
    stand_in: TeamsStandIn, session: SharedSession
) -> None:
    source = token_source(settings_for(stand_in, app_password="wrong secret"), session)
    with pytest.raises(TryLater, match="token_http_401_AADSTS7000215") as failed:
        await source.token()
    assert "wrong secret" not in repr(failed.value) + repr(
        settings_for(stand_in, app_password="wrong secret")
    )
    await source.close()


def certificate_pem() -> tuple[str, x509.Certificate]:
    key, now = private_key("certificate"), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "escalate")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + made.public_bytes(Encoding.PEM)).decode(), made


async def test_a_certificate_signs_for_the_app_and_is_named(
    stand_in: TeamsStandIn, session: SharedSession
) -> None:
    pem, made = certificate_pem()
    settings = settings_for(stand_in, app_password="", certificate=pem)
    fields = Certificate(pem).fields(settings.entra_token_url, APP)
    signed = fields["client_assertion"]
    claims = jwt.decode(
        signed,
        private_key("certificate").public_key(),
        algorithms=["PS256"],
        audience=settings.entra_token_url,
    )
    assert (claims["iss"], claims["sub"]) == (APP, APP)
    thumbprint = urlsafe_b64encode(sha256(made.public_bytes(Encoding.DER)).digest()).rstrip(b"=").decode()
    assert jwt.get_unverified_header(signed)["x5t#S256"] == thumbprint
    source = token_source(settings, session)
    assert await source.token() in stand_in.tokens
    with pytest.raises(TeamsSettingsInvalid):
        Certificate(pem.partition("-----BEGIN CERTIFICATE")[0])
    await source.close()


async def test_a_federated_token_is_read_from_its_file_each_time(
    stand_in: TeamsStandIn, session: SharedSession, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    entra = EntraToken(session, settings_for(stand_in), FederatedToken(file))
    with pytest.raises(TryLater, match="federated_token_unreadable"):
        await entra.fetch()
    file.write_text("from Azure\n")
    assert entra.proof.fields("", "")["client_assertion"] == "from Azure"
    assert (await entra.fetch()).lasts == 3600


async def test_a_managed_identity_asks_the_machine_it_runs_on(session: SharedSession) -> None:
    asked: list[tuple[str | None, dict[str, str]]] = []

    async def identity(request: web.Request) -> web.Response:
        asked.append((request.headers.get("X-IDENTITY-HEADER"), dict(request.query)))
        return web.json_response({"access_token": "from the machine", "expires_in": "86400"})

    application = web.Application()
    application.router.add_get("/msi", identity)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    around = {
        "IDENTITY_ENDPOINT": f"http://127.0.0.1:{runner.addresses[0][1]}/msi",
        "IDENTITY_HEADER": "mine",
    }
    settings = TeamsSettings(app_id=APP, tenant_id=TENANT, app_type="UserAssignedMSI")
    fetched = await ManagedIdentityToken(session, settings, around).fetch()
    assert (fetched.token, fetched.lasts) == ("from the machine", 86400)
    [(header, query)] = asked
    assert (header, query["resource"], query["client_id"]) == ("mine", "https://api.botframework.com", APP)
    await runner.cleanup()


def test_without_any_proof_the_settings_are_refused() -> None:
    with pytest.raises(TeamsSettingsInvalid, match="MICROSOFT_APP_PASSWORD"):
        token_source(TeamsSettings(app_id=APP, tenant_id=TENANT), SharedSession())


async def test_what_is_sent_is_the_card_addressed_and_nothing_of_it_lost(teams: Teams) -> None:
    reference = ConversationReference(teams.there.service_url, WARD.conversation, TENANT, f"28:{APP}")
    activity = {
        "type": "message",
        "summary": "Zo\u00eb\u2019s case",
        "attachments": [{"contentType": "x", "content": {"a": None, "b": [True, 1.5, {"c": "d"}]}}],
        "suggestedActions": {"to": ["29:x"], "actions": [{"type": "imBack", "title": "a", "value": "a"}]},
    }
    await teams.platform.transport.post(reference, activity)
    sent = teams.there.messages[0].activity
    assert {key: sent[key] for key in activity} == activity
    assert sent["from"] == {"id": f"28:{APP}"}
    assert sent["conversation"]["id"] == WARD.conversation


async def test_letters_beyond_ascii_are_sent_as_they_are_so_that_sizes_hold(teams: Teams) -> None:
    await teams.platform.sender.post(AMIRA.place, card("\u00e9" * 5000))
    assert teams.there.sizes == [size(teams.there.messages[0].activity)]


def test_nobody_but_the_transport_knows_botbuilder() -> None:
    """Importing all else of the adapter imports nothing of botbuilder's."""
    others = [
        path.stem
        for path in (Path(__file__).parents[3] / "adapters" / "teams").glob("*.py")
        if path.stem not in {"__init__", "botbuilder_transport"}
    ]
    wanted = "\n".join(f"import adapters.teams.{name}" for name in others)
    check = "import sys; print([m for m in sys.modules if m.split('.')[0] in ('botbuilder', 'botframework')])"
    ran = subprocess.run(
        [sys.executable, "-c", f"{wanted}\n{check}"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
