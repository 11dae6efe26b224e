"""What Teams is given is valid by Microsoft's schema for the version that it names."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft6Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

from bot.manifests import teams_manifest
from tests.conftest import SCHEMAS
from tests.manifest.conftest import APP_ID, URL

pytestmark = pytest.mark.schemas
Manifest = dict[str, Any]

# The schemas call themselves draft 4 and use `const` of draft 6 all the same.
Judge: Any = extend(  # type: ignore[no-untyped-call]
    Draft4Validator, {"const": Draft6Validator.VALIDATORS["const"]}
)


def judge(manifest: Manifest) -> None:
    schema = json.loads((SCHEMAS / f"v{manifest['manifestVersion']}/MicrosoftTeams.schema.json").read_text())
    mistake = best_match(Judge(schema, format_checker=Judge.FORMAT_CHECKER).iter_errors(manifest))
    assert mistake is None, f"{mistake.json_path}: {mistake.message[:300]}"


def test_both_profiles_are_valid(manifest: Manifest) -> None:
    judge(manifest)
    assert manifest["$schema"].endswith(f"/teams/v{manifest['manifestVersion']}/MicrosoftTeams.schema.json")


def _set(*path: str | int, to: Any) -> Callable[[Manifest], None]:
    def change(manifest: Manifest) -> None:
        node: Any = manifest
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = to

    return change


BAD = {
    "something unknown": _set("colour", to="teal"),
    "no guid": _set("id", to="escalate"),
    "no link": _set("developer", "websiteUrl", to="escalate.example.org"),
    "a name that is too long": _set("name", "short", to="E" * 31),
    "a short text that is too long": _set("description", "short", to="E" * 81),
    "no colour": _set("accentColor", to="teal"),
    "a scope that isn't one": _set("bots", 0, "scopes", to=["channel"]),
    "a title that is too long": _set("composeExtensions", 0, "commands", 0, "title", to="E" * 33),
    "a trigger that isn't one": _set("composeExtensions", 0, "commands", 0, "triggers", to=["mention"]),
    "another version's words": _set("manifestVersion", to="1.25"),
    "a permission that isn't one": _set("permissions", to=["everything"]),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_the_judge_sees(change: Callable[[Manifest], None]) -> None:
    manifest = copy.deepcopy(teams_manifest(URL, APP_ID))
    change(manifest)
    with pytest.raises(AssertionError):
        judge(manifest)
