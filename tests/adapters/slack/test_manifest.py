"""What Slack is told about the app is what the app does."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from adapters.slack.app import EVENTS_PATH
from adapters.slack.listeners import SHORTCUTS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def manifest() -> Any:
    return YAML(typ="safe").load((ROOT / "manifest/slack/manifest.yaml").read_text())


def test_everything_is_sent_to_the_one_address_that_listens(manifest: Any) -> None:
    addresses = {manifest["settings"]["interactivity"]["request_url"]}
    addresses |= {command["url"] for command in manifest["features"]["slash_commands"]}
    assert addresses == {f"https://escalate.example.org{EVENTS_PATH}"}


def test_every_shortcut_has_its_listener(manifest: Any) -> None:
    assert {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]} <= set(SHORTCUTS)


def test_the_app_asks_for_no_more_than_it_needs(manifest: Any) -> None:
    assert manifest["oauth_config"]["scopes"] == {"bot": ["commands", "chat:write"]}


def test_the_set_up_names_the_settings() -> None:
    words = (ROOT / "docs/slack.md").read_text()
    for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_API_URL", "PUBLIC_URL", "/escalate help"):
        assert name in words
