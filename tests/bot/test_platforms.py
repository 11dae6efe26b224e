"""A platform that isn't set up right is refused with a sentence that names what to change."""

from pathlib import Path
from typing import Any

import pytest

from bot import platforms
from bot.settings import ConfigurationInvalid, Settings
from tests.bot.made import House

APP = "0a0a0a0a-0000-4000-8000-000000000001"
TENANT = "7e7e7e7e-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def half_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its key; and where there is no .env."""
    monkeypatch.chdir(tmp_path)
    Path("half.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, "MICROSOFT_APP_PASSWORD"),
        ({"microsoft_app_certificate": Path("half.pem")}, "private key and the certificate"),
        ({"microsoft_app_certificate": Path("none.pem")}, "MICROSOFT_APP_CERTIFICATE"),
        ({"microsoft_app_password": "secret", "microsoft_app_tenant_id": ""}, "MICROSOFT_APP_TENANT_ID"),
        ({"microsoft_app_password": "secret", "teams_token_url": "http://x.example"}, "TEAMS_TOKEN_URL"),
        ({"microsoft_app_id": "escalate"}, "MICROSOFT_APP_ID"),
        ({"microsoft_app_tenant_id": "riverbank.example.org"}, "not their names"),
        ({"teams_allowed_tenants": f"{TENANT} {TENANT}"}, "commas between"),
        ({"teams_service_hosts": "https://smba.trafficmanager.net/"}, "hosts alone"),
    ],
)
async def test_teams_names_what_it_lacks(changed: dict[str, Any], named: str, board: House) -> None:
    given = {"microsoft_app_id": APP, "microsoft_app_tenant_id": TENANT} | changed
    with pytest.raises(ConfigurationInvalid, match=named):
        platforms.teams(Settings(**given), board.bot, board.database)
