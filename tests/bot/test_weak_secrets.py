"""A server doesn't start with a secret that anybody could guess, or that was copied from a page of ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ConfigurationInvalid, Settings
from bot.weak_secrets import check_secrets
from tests.bot.test_starting import database_url, run
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET
from tests.teams_connector import PASSWORD

__all__ = ["database_url"]
ROOT = Path(__file__).parents[2]
STRONG = {
    "slack_signing_secret": SIGNING_SECRET,
    "slack_bot_token": BOT_TOKEN,
    "microsoft_app_password": PASSWORD,
}
WEAK = [
    "short",
    "changeme-changeme-changeme-changeme",
    "your-signing-secret-goes-here",
    "<paste the secret of the app here>",
    "${SECRET_OF_THE_APP_FROM_A_VAULT}",
    "xoxb-...",
    "0" * 32,
    "abababababababababababababababab",
    SIGNING_SECRET + "\n",
]


def given(**changed: str) -> Settings:
    values: dict[str, Any] = STRONG | changed
    return Settings(_env_file=None, **values)


def test_secrets_as_the_platforms_make_them_are_taken() -> None:
    check_secrets(given())
    check_secrets(given(slack_signing_secret="8f742231b10e8888abcd99yyyzzz85a5"))
    check_secrets(given(microsoft_app_password="Kq~8Q~invented.by.hand-for-this_test0000"))
    check_secrets(Settings(_env_file=None))


@pytest.mark.parametrize("name", STRONG)
@pytest.mark.parametrize("weak", WEAK)
def test_one_that_protects_nothing_is_refused_in_one_line_that_does_not_quote_it(
    name: str, weak: str
) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        check_secrets(given(**{name: weak}))
    said = str(refused.value)
    assert said.startswith(name.upper())
    assert "\n" not in said
    assert weak.strip() not in said


def test_what_our_own_pages_show_in_a_secrets_place_is_refused() -> None:
    pages = "\n".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    shown = re.findall(
        r"^(SLACK_SIGNING_SECRET|SLACK_BOT_TOKEN|MICROSOFT_APP_PASSWORD)=(\S+)", pages, re.MULTILINE
    )
    assert {name for name, _ in shown} == {name.upper() for name in STRONG}
    for name, value in shown:
        with pytest.raises(ConfigurationInvalid, match=name):
            check_secrets(given(**{name.lower(): value}))


def test_serve_refuses_it_before_anything_is_opened(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "secret")
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    code, said = run("serve")
    assert code == 2
    assert said == (
        "SLACK_SIGNING_SECRET has fewer than 20 characters, so it can't be right. "
        "Slack's has 32 characters. Copy it from Basic Information, Signing Secret.\n"
    )
    assert not (tmp_path / "escalate.db").exists()
