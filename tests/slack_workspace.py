"""The workspace that the stand-in for Slack plays, and how Slack signs what it sends."""

import hashlib
import hmac
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.slack_blocks import Json

TEAM, BOT_USER, APP = "T0001", "U0BOT", "A0001"
BOT_TOKEN, SIGNING_SECRET = "xoxb-stand-in-bot-token", "stand-in-signing-secret"
HARNESS_APP = "A0HARNESS"  # commands to it reach nobody; they are how a fresh trigger_id is had
NOWHERE = "C0NOWHERE"  # a channel without the bot: what is said there only marks a place among the events


@dataclass(frozen=True)
class Member:
    """A person of the workspace; `tz` an IANA name."""

    id: str
    name: str
    email: str = ""
    tz: str = "Europe/London"


def free_port() -> int:
    """A port on the loopback interface that nobody holds at this moment."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def signed_headers(body: str, secret: str = SIGNING_SECRET, moment: float | None = None) -> dict[str, str]:
    """Headers as Slack signs a form-encoded body; `moment` in seconds since 1970, now by default."""
    stamp = str(int(time.time() if moment is None else moment))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def configuration(
    port: int, request_url: str, people: Sequence[Member], channels: Mapping[str, Sequence[str]]
) -> Json:
    """The stand-in's configuration.

    `channels` maps names to the ids of members; C0001, C0002 and so on are their ids, in that order.
    """
    app = {
        "appId": APP,
        "botUserId": BOT_USER,
        "botName": "escalate",
        "botToken": BOT_TOKEN,
        "signingSecret": SIGNING_SECRET,
        "mode": "events",
        "requestUrl": request_url,
    }
    harness = {
        "appId": HARNESS_APP,
        "botUserId": "U0HARNESS",
        "botName": "harness",
        "botToken": "xoxb-harness",
        "mode": "events",
        "requestUrl": f"http://127.0.0.1:{port}/_control/nothing",
    }
    places: list[Json] = [
        {"id": f"C{number:04}", "name": name, "members": [*members, BOT_USER]}
        for number, (name, members) in enumerate(channels.items(), 1)
    ]
    return {
        "workspace": {"name": "Stand-in", "domain": "stand-in", "teamId": TEAM},
        "apps": [app, harness],
        "users": [
            {"id": one.id, "name": one.name, "real_name": one.name, "email": one.email, "tz": one.tz}
            for one in people
        ],
        "channels": [*places, {"id": NOWHERE, "name": "nowhere", "members": []}],
    }
