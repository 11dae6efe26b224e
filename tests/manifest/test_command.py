"""`python -m bot manifest`: what it writes, and one clear line where something is wrong."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.manifests import TEMPLATES, slack_manifest, teams_package
from tests.manifest.conftest import APP_ID, URL


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no .env, and nothing is set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MICROSOFT_APP_ID", raising=False)


def manifest(*words: str) -> Result:
    return CliRunner().invoke(app, ["manifest", *words])


def test_the_package_for_teams_is_written() -> None:
    told = manifest("teams", "--url", URL, "--app-id", APP_ID, "--out", "escalate.zip")
    assert told.exit_code == 0
    assert Path("escalate.zip").read_bytes() == teams_package(URL, APP_ID)


def test_the_older_package_is_another() -> None:
    words = ("teams", "--url", URL, "--app-id", APP_ID, "--out", "older.zip", "--profile", "older")
    assert manifest(*words).exit_code == 0
    assert Path("older.zip").read_bytes() == teams_package(URL, APP_ID, "older")


def test_the_app_is_the_one_that_the_server_is_set_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSOFT_APP_ID", APP_ID)
    assert manifest("teams", "--url", URL, "--out", "escalate.zip").exit_code == 0
    assert Path("escalate.zip").read_bytes() == teams_package(URL, APP_ID)


def test_the_manifest_for_slack_has_the_servers_address_everywhere() -> None:
    assert manifest("slack", "--url", f"{URL}/", "--out", "slack.yaml").exit_code == 0
    written = Path("slack.yaml").read_text()
    assert written == slack_manifest(URL)
    assert "example.org" not in written
    template: Any = YAML(typ="safe").load((TEMPLATES / "slack/manifest.yaml").read_text())
    own: Any = YAML(typ="safe").load(written)
    assert own["settings"]["interactivity"]["request_url"] == f"{URL}/slack/events"
    assert [command["url"] for command in own["features"]["slash_commands"]] == [f"{URL}/slack/events"]
    assert own["oauth_config"] == template["oauth_config"]


@pytest.mark.parametrize("platform", ["slack", "teams"])
@pytest.mark.parametrize(
    "url",
    [
        "http://escalate.riverbank.example",
        "escalate.riverbank.example",
        "https://",
        "https://a b.example",
        "https://user@riverbank.example",
        "https://riverbank.example/?as=amira",
        "https://riverbank.example/#top",
        'https://riverbank.example/"',
        "https://riverbank.example\nhttps://x.example",
        "https://-riverbank.example",
        f"https://riverbank.example/{'a' * 1000}",
        "",
    ],
)
def test_an_address_that_is_no_good_is_refused_in_one_line(platform: str, url: str) -> None:
    told = manifest(platform, "--url", url, "--out", "written")
    assert told.exit_code == 2
    assert "--url" in told.stderr
    assert told.stderr.count("\n") == 1
    assert not Path("written").exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--url", URL, "--out", "x"], "--app-id"),
        (["--url", URL, "--out", "x", "--app-id", "escalate"], "--app-id"),
        (["--url", URL, "--out", "x", "--app-id", "00000000-0000-0000-0000-000000000000"], "--app-id"),
        (["--url", URL, "--out", "x", "--app-id", APP_ID, "--profile", "newest"], "--profile"),
        (["--url", URL, "--app-id", APP_ID], "--out"),
        (["--url", URL, "--app-id", APP_ID, "--out", "nowhere/x"], "--out"),
    ],
)
def test_whatever_else_is_wrong_is_named_in_one_line(words: list[str], named: str) -> None:
    told = manifest("teams", *words)
    assert told.exit_code == 2
    assert named in told.stderr
    assert told.stderr.count("\n") == 1
    assert not Path("x").exists()
