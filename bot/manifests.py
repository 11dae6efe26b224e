"""What is uploaded to a platform, made from the templates under manifest/ and the server's own address."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bot.settings import ConfigurationInvalid

TEMPLATES: Final = Path(__file__).parent.parent / "manifest"
EXAMPLE_URL: Final = "https://escalate.example.org"
EXAMPLE_ID: Final = "00000000-0000-0000-0000-000000000000"
PROFILES: Final = ("current", "older")
OLDER: Final = "1.25"
LONGEST_URL: Final = 1000
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # that a zip can tell

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS: Final = re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::\d{{1,5}})?(?:/[A-Za-z0-9._~-]+)*")
_GUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def slack_manifest(url: str) -> str:
    """YAML, to paste into Slack. `url`: where the server is reached. Raises ConfigurationInvalid."""
    template = (TEMPLATES / "slack" / "manifest.yaml").read_text()
    return template.replace(EXAMPLE_URL, _address(url))


def teams_manifest(url: str, app_id: str, profile: str = "current") -> dict[str, Any]:
    """`app_id`: the Microsoft app's, which is the bot's too. `profile`: "older" for tenants whose Teams
    doesn't know slash commands of apps yet. Raises ConfigurationInvalid.
    """
    if profile not in PROFILES:
        raise ConfigurationInvalid(f"--profile is current or older, not {profile!r}.")
    replaced = {EXAMPLE_URL: _address(url), EXAMPLE_ID: _guid(app_id)}
    template = json.loads((TEMPLATES / "teams" / "manifest.json").read_text())
    manifest: dict[str, Any] = _filled(template, replaced)
    return manifest if profile == "current" else _older(manifest)


def teams_package(url: str, app_id: str, profile: str = "current") -> bytes:
    """A zip to upload to Teams: the same bytes for the same words, on any machine. Raises
    ConfigurationInvalid.
    """
    manifest = teams_manifest(url, app_id, profile)
    written = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr(_entry("manifest.json"), written)
        for icon in sorted(manifest["icons"].values()):
            package.writestr(_entry(icon), (TEMPLATES / "teams" / icon).read_bytes())
    return held.getvalue()


def write_out(out: str, content: bytes) -> None:
    """Over a file that is there. Raises ConfigurationInvalid."""
    if not out:
        raise ConfigurationInvalid("This needs --out: the file to write.")
    try:
        Path(out).write_bytes(content)
    except OSError as error:
        raise ConfigurationInvalid(f"--out: {out} can't be written ({error.strerror}).") from None


def _entry(name: str) -> zipfile.ZipInfo:
    """Not packed, for packers differ; and from no system or time."""
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _older(manifest: dict[str, Any]) -> dict[str, Any]:
    schema = manifest["$schema"].replace(manifest["manifestVersion"], OLDER)
    extensions = [
        {**extension, "commands": [_without_triggers(command) for command in extension["commands"]]}
        for extension in manifest["composeExtensions"]
    ]
    changed = {"$schema": schema, "manifestVersion": OLDER, "composeExtensions": extensions}
    return manifest | changed


def _without_triggers(command: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in command.items() if key != "triggers"}


def _filled(node: Any, replaced: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, replaced) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(each, replaced) for each in node]
    if isinstance(node, str):
        for example, own in replaced.items():
            node = node.replace(example, own)
    return node


def _address(url: str) -> str:
    """Without a slash at its end."""
    if not url:
        raise ConfigurationInvalid("This needs --url: where people reach your server, like https://NAME.")
    given = url.strip().removesuffix("/")
    scheme, parted, rest = given.partition("://")
    host, slash, path = rest.partition("/")
    plain = f"{scheme.casefold()}{parted}{host.casefold()}{slash}{path}"
    if not plain.startswith("https://"):
        raise ConfigurationInvalid("--url has to begin with https://: Slack and Teams call nothing else.")
    if len(plain) > LONGEST_URL or not _ADDRESS.fullmatch(plain):
        raise ConfigurationInvalid("--url is not an address like https://NAME, or https://NAME/PATH.")
    return plain


def _guid(app_id: str) -> str:
    if not app_id:
        raise ConfigurationInvalid(
            "This needs --app-id, or MICROSOFT_APP_ID: the bot's Application (client) ID."
        )
    plain = app_id.strip().casefold()
    if not _GUID.fullmatch(plain) or plain == EXAMPLE_ID:
        raise ConfigurationInvalid(
            f"--app-id is the Application (client) ID from Microsoft Entra, written like {EXAMPLE_ID}."
        )
    return plain
