"""The manifests as the command makes them, for an invented server."""

from typing import Any

import pytest

from bot.manifests import PROFILES, teams_manifest

URL = "https://escalate.riverbank.example"
APP_ID = "0a0a0a0a-0000-4000-8000-000000000001"


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def manifest(profile: str) -> dict[str, Any]:
    return teams_manifest(URL, APP_ID, profile)
