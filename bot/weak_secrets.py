"""Secrets that protect nothing are refused when the server starts: too short, or copied from a page."""

from __future__ import annotations

import re
from typing import Final

from bot.settings import ConfigurationInvalid, Settings

SHORTEST: Final = {
    "SLACK_SIGNING_SECRET": (
        20,
        "Slack's has 32 characters. Copy it from Basic Information, Signing Secret.",
    ),
    "SLACK_BOT_TOKEN": (20, "Slack's begins with xoxb-. Copy it from Install App, Bot User OAuth Token."),
    "MICROSOFT_APP_PASSWORD": (16, "Microsoft's has 40 characters. Copy the client secret's value."),
}
"""Characters, with room for other clouds' own; and where the right one is found."""
_PLACEHOLDER: Final = re.compile(
    r"\$?[<\[{(].*[>\]})]|.*\b(?:change.?me|your|placeholder|example|dummy|todo|insert|replace)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_FEWEST_SIGNS: Final = 6
"""Different characters: "xxxxxxxx..." and "12341234..." are nobody's secret."""


def check_secrets(settings: Settings) -> None:
    """Raises ConfigurationInvalid with one line, which never quotes the secret."""
    given = {
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
        "SLACK_BOT_TOKEN": settings.slack_bot_token,
        "MICROSOFT_APP_PASSWORD": settings.microsoft_app_password,
    }
    for name, secret in given.items():
        if secret and (why := _weakness(secret, SHORTEST[name][0])):
            raise ConfigurationInvalid(f"{name} {why}. {SHORTEST[name][1]}")


def _weakness(secret: str, shortest: int) -> str:
    if _PLACEHOLDER.fullmatch(re.sub(r"[-_\s]+", " ", secret.strip())):
        return "is a placeholder, and not yet the secret"
    if len(secret.strip()) < shortest:
        return f"has fewer than {shortest} characters, so it can't be right"
    if len(set(secret)) < _FEWEST_SIGNS:
        return "is the same few characters again and again"
    if secret != secret.strip() or not secret.isprintable():
        return "has a space or a line's end too many"
    return ""
