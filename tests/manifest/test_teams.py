"""What Teams is told about the app is what the app does, and no more than it needs."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from adapters.teams.app import MESSAGES_PATH
from adapters.teams.invokes import FROM_RECORD, Invokes
from bot.manifests import TEMPLATES, teams_manifest, teams_package
from bot.settings import Settings
from core import slash
from core.cards.model import Card, line
from core.conversation import Answer, Asker, Press, Submission
from tests.icons import ICONS
from tests.manifest.conftest import APP_ID, URL
from tests.teams_connector import COMMAND, TENANT

ROOT = Path(__file__).parents[2]
Manifest = dict[str, Any]


class Heard:
    """A Conversation that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str | Press | Submission] = []

    async def say(self, asker: Asker, words: str) -> Answer:
        return self._told(words)

    async def press(self, asker: Asker, press: Press) -> Answer:
        return self._told(press)

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        return self._told(submission)

    def _told(self, asked: str | Press | Submission) -> Card:
        self.asked.append(asked)
        return Card(summary="Told", parts=(line("Told."),))


def commands(manifest: Manifest) -> dict[str, Manifest]:
    [extension] = manifest["composeExtensions"]
    return {command["id"]: command for command in extension["commands"]}


def said(manifest: Manifest) -> Iterator[Manifest]:
    for listed in manifest["bots"][0]["commandLists"]:
        yield from listed["commands"]


def called(command: str) -> dict[str, Any]:
    return {
        "type": "invoke",
        "name": "composeExtension/fetchTask",
        "id": "1",
        "from": {"aadObjectId": "aaaaaaaa-0000-4000-8000-000000000001"},
        "conversation": {"id": "19:ward@thread.tacv2", "conversationType": "channel", "tenantId": TENANT},
        "value": {"commandId": command, "commandContext": "compose"},
    }


# --- what it does ---


async def test_each_action_command_opens_what_its_title_says(manifest: Manifest) -> None:
    opens: dict[str, str | Press] = {
        "escalate": Press("new"),
        "escalateMessage": Press("new"),
        "addToRecord": "list",
    }
    assert set(commands(manifest)) == set(opens)
    for command, asked in opens.items():
        heard = Heard()
        answer = await Invokes(heard, ZoneInfo("Europe/London")).answer(called(command))
        assert heard.asked == [asked]
        assert answer["task"]["type"] == "continue"


def test_the_ids_are_those_that_the_adapter_knows(manifest: Manifest) -> None:
    assert set(commands(manifest)) & FROM_RECORD == {"addToRecord"}
    assert COMMAND in commands(manifest)


def test_every_action_command_asks_the_bot_for_its_form(manifest: Manifest) -> None:
    for command in commands(manifest).values():
        assert (command["type"], command["fetchTask"]) == ("action", True)


def test_where_each_action_command_stands(manifest: Manifest) -> None:
    assert {name: command["context"] for name, command in commands(manifest).items()} == {
        "escalate": ["compose", "commandBox"],
        "escalateMessage": ["message"],
        "addToRecord": ["message"],
    }


def test_the_slash_command_is_in_the_current_profile_alone() -> None:
    current = commands(teams_manifest(URL, APP_ID))
    assert [name for name, command in current.items() if command.get("triggers") == ["slash"]] == ["escalate"]
    older = teams_manifest(URL, APP_ID, "older")
    assert "triggers" not in json.dumps(older)
    assert older["manifestVersion"] == "1.25"


def test_the_profiles_differ_in_nothing_else() -> None:
    current, older = teams_manifest(URL, APP_ID), teams_manifest(URL, APP_ID, "older")
    del current["composeExtensions"][0]["commands"][0]["triggers"]
    for manifest in (current, older):
        del manifest["manifestVersion"], manifest["$schema"]
    assert current == older


def test_every_word_that_is_offered_is_understood_as_it_stands(manifest: Manifest) -> None:
    for command in said(manifest):
        understood = slash.understand(command["title"])
        assert understood == slash.Help() or not isinstance(understood, slash.Help), command


def test_it_works_in_all_places_and_each_has_its_words(manifest: Manifest) -> None:
    [bot] = manifest["bots"]
    assert bot["scopes"] == ["personal", "team", "groupChat"]
    offered = [scope for listed in bot["commandLists"] for scope in listed["scopes"]]
    assert sorted(offered) == sorted(bot["scopes"])


def test_the_app_the_bot_and_its_commands_are_one(manifest: Manifest) -> None:
    assert {manifest["id"], manifest["bots"][0]["botId"], manifest["composeExtensions"][0]["botId"]} == {
        APP_ID
    }


def test_links_lead_to_the_server(manifest: Manifest) -> None:
    links = [value for key, value in manifest["developer"].items() if key.endswith("Url")]
    assert len(links) == 3
    assert all(link == URL or link.startswith(f"{URL}/") for link in links)
    assert "example.org" not in json.dumps(manifest)


def test_the_app_asks_for_no_more_than_it_needs(manifest: Manifest) -> None:
    """It reads nothing that isn't said to it, calls no Graph, signs nobody in and shows no web page."""
    assert manifest["permissions"] == ["identity", "messageTeamMembers"]
    assert manifest["validDomains"] == []
    absent = {"authorization", "webApplicationInfo", "devicePermissions", "supportsChannelFeatures"}
    assert not absent & set(manifest)


# --- the package ---


def test_the_package_holds_the_manifest_and_its_icons(profile: str, manifest: Manifest) -> None:
    with zipfile.ZipFile(io.BytesIO(teams_package(URL, APP_ID, profile))) as package:
        assert package.testzip() is None
        assert package.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert json.loads(package.read("manifest.json")) == manifest
    assert set(manifest["icons"].values()) == set(ICONS)


def test_the_same_words_give_the_same_bytes(profile: str) -> None:
    once = teams_package(URL, APP_ID, profile)
    assert once == teams_package(f"{URL.upper().replace('HTTPS', 'https')}/", APP_ID.upper(), profile)
    assert once != teams_package(f"{URL}/teams", APP_ID, profile)
    with zipfile.ZipFile(io.BytesIO(once)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("name", ICONS)
def test_the_icons_are_as_they_are_drawn(name: str) -> None:
    with Image.open(TEMPLATES / "teams" / name) as kept:
        assert kept.convert("RGBA").tobytes() == ICONS[name]().convert("RGBA").tobytes()


def test_the_icons_are_as_teams_wants_them() -> None:
    color, outline = ICONS["color.png"](), ICONS["outline.png"]()
    assert (color.size, outline.size) == ((192, 192), (32, 32))
    assert color.mode == "RGB"
    [red, green, blue, alpha] = (channel.getextrema() for channel in outline.split())
    assert (red, green, blue) == ((255, 255),) * 3
    assert alpha == (0, 255)


# --- its set-up ---


def test_the_set_up_names_every_setting_and_the_address() -> None:
    words, readme = (ROOT / "docs/teams.md").read_text(), (ROOT / "README.md").read_text()
    names = [name.upper() for name in Settings.model_fields]
    ours = [name for name in names if name.startswith(("MICROSOFT_", "TEAMS_", "AZURE_"))]
    assert len(ours) >= 10
    for name in ours:
        assert name in words, name
        assert name in readme, name
    for words_needed in (MESSAGES_PATH, "@Escalate help", "PUBLIC_URL", "--profile older"):
        assert words_needed in words
