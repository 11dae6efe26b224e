"""Who may speak to us: each wrong token is refused, and makes us call nobody, but for keys."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from adapters.teams.session import SharedSession
from adapters.teams.settings import PUBLIC_OPENID, NotAllowed, TeamsSettings, TeamsSettingsInvalid
from adapters.teams.token_check import NotAuthentic, SigningKeys, TokenCheck
from tests.adapters.teams.conftest import AMIRA, STRANGER, Teams
from tests.teams_connector import APP, TENANT, TeamsStandIn
from tests.teams_signing import BotFramework, Json, private_key, public_pem, unsigned

MakeToken = Callable[[BotFramework, str], str | None]


def signed(claims: Json, **header: Any) -> str:
    return jwt.encode(claims, private_key("first"), algorithm="RS256", headers={"kid": "first", **header})


def with_public_key(framework: BotFramework, url: str) -> str:
    """HS256, keyed with what everybody can read: PyJWT won't make one, so it is put together here."""
    import hashlib
    import hmac
    from base64 import urlsafe_b64encode

    head = unsigned(framework.claims(url), {"alg": "HS256", "typ": "JWT", "kid": "first"}).rstrip(".")
    mac = hmac.new(public_pem("first"), head.encode(), hashlib.sha256).digest()
    return f"{head}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def emulator(framework: BotFramework, url: str) -> str:
    return framework.token(
        url, iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", appid=APP
    )


NOW = int(time.time())
WRONG: dict[str, tuple[int, MakeToken]] = {
    "no header": (401, lambda framework, url: None),
    "an empty header": (401, lambda framework, url: "Bearer "),
    "garbage": (401, lambda framework, url: "garbage"),
    "garbage in three parts": (401, lambda framework, url: "a.b.c"),
    "not a bearer": (401, lambda framework, url: f"Basic {framework.token(url)}"),
    "a token of 8,000 characters": (401, lambda framework, url: "a" * 4000 + "." + "b" * 4000),
    "words outside ASCII": (401, lambda framework, url: "Bearer t\u00f6ken"),
    "wrong audience": (401, lambda framework, url: framework.token(url, aud="somebody-else")),
    "several audiences": (401, lambda framework, url: framework.token(url, aud=[APP, "somebody-else"])),
    "no audience": (401, lambda framework, url: framework.token(url, aud=None)),
    "wrong issuer": (401, lambda framework, url: framework.token(url, iss="https://example.org")),
    "no issuer": (401, lambda framework, url: framework.token(url, iss=None)),
    "expired": (401, lambda framework, url: framework.token(url, nbf=NOW - 9000, exp=NOW - 400)),
    "not yet valid": (401, lambda framework, url: framework.token(url, nbf=NOW + 900)),
    "no exp": (401, lambda framework, url: framework.token(url, exp=None)),
    "no nbf": (401, lambda framework, url: framework.token(url, nbf=None)),
    "exp in words": (401, lambda framework, url: framework.token(url, exp="tomorrow")),
    "exp true": (401, lambda framework, url: framework.token(url, exp=True)),
    "alg none": (
        401,
        lambda framework, url: unsigned(framework.claims(url), {"alg": "none", "kid": "first"}),
    ),
    "HS256 with the public key": (401, with_public_key),
    "RS512": (
        401,
        lambda framework, url: jwt.encode(
            framework.claims(url), private_key("first"), algorithm="RS512", headers={"kid": "first"}
        ),
    ),
    "signed with another key": (
        401,
        lambda framework, url: jwt.encode(
            framework.claims(url), private_key("other"), algorithm="RS256", headers={"kid": "first"}
        ),
    ),
    "unknown kid": (401, lambda framework, url: signed(framework.claims(url), kid="unknown")),
    "no kid": (
        401,
        lambda framework, url: jwt.encode(framework.claims(url), private_key("first"), algorithm="RS256"),
    ),
    "an emulator's": (401, emulator),
    "serviceurl differs": (403, lambda framework, url: framework.token("https://smba.trafficmanager.net/x/")),
    "no serviceurl": (403, lambda framework, url: framework.token(url, serviceurl=None)),
    "serviceurl a number": (403, lambda framework, url: framework.token(url, serviceurl=7)),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_token_is_refused_and_nobody_is_called(name: str, teams: Teams) -> None:
    status, make = WRONG[name]
    there = teams.there
    answer = await there.send_raw(
        there.activity("amira") | {"type": "message", "text": "list"},
        make(there.framework, there.service_url),
    )
    assert answer.status == status
    assert teams.bot.asked == 0
    assert there.calls == []
    assert there.counts["token"] == 0
    assert there.counts["keys"] <= 1


async def test_the_right_token_is_let_in(teams: Teams) -> None:
    await teams.there.say("amira", "list")
    assert [(asker.account, words) for asker, words in teams.bot.said] == [(AMIRA.place, "list")]


async def test_a_service_url_may_end_with_a_slash_or_not(teams: Teams) -> None:
    there = teams.there
    activity = there.activity("amira") | {"type": "message", "text": "list"}
    answer = await there.send_raw(activity, there.framework.token(there.service_url.rstrip("/")))
    assert answer.status == 200


async def test_clocks_may_differ_by_some_minutes(teams: Teams) -> None:
    there, now = teams.there, int(time.time())  # the token is made long after this file was read
    for changed in ({"nbf": now - 4000, "exp": now - 200}, {"nbf": now + 200}):
        activity = there.activity("amira") | {"type": "message", "text": "list"}
        answer = await there.send_raw(activity, there.framework.token(there.service_url, **changed))
        assert answer.status == 200


@pytest.mark.parametrize("endorsements", [[], ["emulator", "webchat"]])
async def test_a_key_that_is_not_endorsed_for_teams_is_refused(endorsements: list[str], teams: Teams) -> None:
    there = teams.there
    there.framework.published["first"] = endorsements
    activity = there.activity("amira") | {"type": "message", "text": "list"}
    answer = await there.send_raw(activity, there.framework.token(there.service_url))
    assert (answer.status, teams.bot.asked, there.calls) == (403, 0, [])


@pytest.mark.parametrize("channel", ["webchat", "", None, ["msteams"]])
async def test_another_channels_activity_is_refused(channel: Any, teams: Teams) -> None:
    there = teams.there
    activity = there.activity("amira") | {"type": "message", "text": "list", "channelId": channel}
    answer = await there.send_raw(activity, there.framework.token(there.service_url))
    assert (answer.status, teams.bot.asked) == (403, 0)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/uk/",
        "http://smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net.example.org/",
        "https://smba.trafficmanager.net@example.org/",
        "http://127.0.0.1:1/uk/",
        "file:///etc/passwd",
        "//smba",
        "",
    ],
)
async def test_a_host_that_is_not_on_the_list_is_refused_though_it_is_signed(url: str, teams: Teams) -> None:
    there = teams.there
    activity = there.activity("amira") | {"type": "message", "text": "list", "serviceUrl": url}
    answer = await there.send_raw(activity, there.framework.token(url))
    assert (answer.status, teams.bot.asked, there.calls) == (403, 0, [])
    assert teams.references.kept == {}


async def test_a_tenant_that_is_not_on_the_list_is_refused(teams: Teams) -> None:
    there = teams.there
    activity = there.activity("stranger") | {"type": "message", "text": "list"}
    answer = await there.send_raw(activity, there.framework.token(there.service_url))
    assert (answer.status, teams.bot.asked, there.calls) == (403, 0, [])
    mixed = there.activity("amira") | {"type": "message", "text": "list"}
    mixed["conversation"] = mixed["conversation"] | {"tenantId": STRANGER.tenant}
    answer = await there.send_raw(mixed, there.framework.token(there.service_url))
    assert (answer.status, teams.bot.asked) == (403, 0)


async def test_a_rolled_over_key_is_taken_up_at_once_and_the_old_one_no_longer(
    stand_in: TeamsStandIn,
) -> None:
    moment = [1000.0]
    session = SharedSession()
    settings = TeamsSettings(app_id=APP, app_password="x", tenant_id=TENANT)
    keys = SigningKeys(stand_in.openid_url, session, lambda: moment[0])
    check = TokenCheck(settings, keys)
    old = stand_in.framework.token(stand_in.service_url)
    await check.bearer(f"Bearer {old}")
    stand_in.framework.roll_over("second")
    new = stand_in.framework.token(stand_in.service_url)
    moment[0] += 10
    await check.bearer(f"Bearer {new}")
    assert stand_in.counts["keys"] == 2
    with pytest.raises(NotAuthentic):
        await check.bearer(f"Bearer {old}")
    await keys.close()
    await session.close()


async def test_a_flood_of_unknown_keys_fetches_once_in_ten_seconds(stand_in: TeamsStandIn) -> None:
    moment = [1000.0]
    session = SharedSession()
    keys = SigningKeys(stand_in.openid_url, session, lambda: moment[0])
    for _ in range(3):
        found = await asyncio.gather(*(keys.get(f"unknown-{number}") for number in range(200)))
        assert found == [None] * 200
        moment[0] += 3
    assert stand_in.counts["keys"] == 1
    moment[0] += 1
    await asyncio.gather(*(keys.get(f"unknown-{number}") for number in range(200)))
    assert stand_in.counts["keys"] == 2
    await keys.close()
    await session.close()


async def test_known_keys_are_renewed_each_hour_beside_the_work_and_end_after_a_day(
    stand_in: TeamsStandIn,
) -> None:
    moment = [1000.0]
    session = SharedSession()
    keys = SigningKeys(stand_in.openid_url, session, lambda: moment[0])
    assert await keys.get("first") is not None
    moment[0] += 3601
    assert await keys.get("first") is not None
    assert keys._fetching is not None
    await keys._fetching
    assert stand_in.counts["keys"] == 2
    stand_in.framework.published = {}
    moment[0] += 86401
    assert await keys.get("first") is None
    await keys.close()
    await session.close()


async def test_keys_that_cannot_be_fetched_let_nobody_in_and_fail_nothing(teams: Teams) -> None:
    there = teams.there
    there.framework.published = {}
    activity = there.activity("amira") | {"type": "message", "text": "list"}
    assert (await there.send_raw(activity, there.framework.token(there.service_url))).status == 401


async def test_a_warm_check_takes_less_than_a_millisecond(stand_in: TeamsStandIn) -> None:
    session = SharedSession()
    keys = SigningKeys(stand_in.openid_url, session)
    check = TokenCheck(TeamsSettings(app_id=APP, app_password="x", tenant_id=TENANT), keys)
    header = f"Bearer {stand_in.framework.token(stand_in.service_url)}"
    await check.bearer(header)
    times = []
    for _ in range(100):
        begun = time.perf_counter()
        await check.bearer(header)
        times.append(time.perf_counter() - begun)
    assert sorted(times)[50] < 0.001
    assert stand_in.counts["keys"] == 1
    await keys.close()
    await session.close()


def test_settings_refuse_what_would_let_everybody_in() -> None:
    with pytest.raises(TeamsSettingsInvalid, match="MICROSOFT_APP_ID"):
        TeamsSettings(tenant_id=TENANT)
    with pytest.raises(TeamsSettingsInvalid, match="TEAMS_ALLOWED_TENANTS"):
        TeamsSettings(app_id=APP)
    with pytest.raises(TeamsSettingsInvalid, match="TEAMS_OPENID_URL"):
        TeamsSettings(app_id=APP, tenant_id=TENANT, openid_url="http://example.org/openid")
    with pytest.raises(TeamsSettingsInvalid, match="TEAMS_SERVICE_HOSTS"):
        TeamsSettings(
            app_id=APP,
            tenant_id=TENANT,
            openid_url=PUBLIC_OPENID.replace("botframework.com", "botframework.azure.cn"),
        )


def test_each_cloud_has_addresses_of_its_own() -> None:
    public = TeamsSettings(app_id=APP, tenant_id=TENANT)
    high = TeamsSettings(
        app_id=APP,
        tenant_id=TENANT,
        openid_url="https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    )
    assert public.entra_token_url == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    assert high.entra_token_url == f"https://login.microsoftonline.us/{TENANT}/oauth2/v2.0/token"
    assert high.cloud.issuer == "https://api.botframework.us"
    assert high.check_service_url("https://smba.infra.gov.teams.microsoft.us/teams")
    with pytest.raises(NotAllowed):
        high.check_service_url("https://smba.trafficmanager.net/teams")
