"""Sends cards to Slack's channels and people: what the courier asks for, as Web API calls."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from adapters.slack import render
from adapters.slack.web_api import WebApi
from core.cards.model import Card
from core.delivery import Rate, Rejected

MESSAGES_A_SECOND = 1.0  # Slack takes a message a second to a channel


class SlackSender:
    """A core.delivery.Sender. A message's id is "CHANNEL/ts": one posted to a person stands in a channel of
    its own.

    `pace`: seconds between two messages to one place.
    """

    def __init__(
        self, web_api: WebApi, zone: ZoneInfo = render.LONDON, pace: float = MESSAGES_A_SECOND
    ) -> None:
        self._web_api = web_api
        self._zone = zone
        self._pace = pace

    @property
    def platform(self) -> str:
        return "slack"

    def lane(self, place: str) -> str:
        """One a workspace: after "slow down" all of it rests."""
        return place.partition("/")[0]

    def rates(self, place: str) -> tuple[Rate, ...]:
        return (Rate(1, self._pace),) if self._pace else ()

    def lane_rates(self, lane: str) -> tuple[Rate, ...]:
        """None: Slack counts by the channel."""
        return ()

    async def post(self, place: str, card: Card, thread: str = "") -> str:
        payload: dict[str, Any] = {
            "channel": _target(place),
            "unfurl_links": False,
            "unfurl_media": False,
            "mrkdwn": False,  # the top-level text is words alone
            **render.message(card, self._zone),
        }
        if thread:
            payload["channel"], payload["thread_ts"] = _parts(thread)
        answer = await self._web_api.call("chat.postMessage", payload)
        return f"{answer.get('channel', payload['channel'])}/{answer.get('ts', '')}"

    async def update(self, place: str, message: str, card: Card) -> None:
        channel, ts = _parts(message)
        await self._web_api.call(
            "chat.update", {"channel": channel, "ts": ts, **render.message(card, self._zone)}
        )


def _target(place: str) -> str:
    """The channel's or the person's id: Slack opens the direct message itself."""
    platform, _, rest = place.partition(":")
    target = rest.partition("/")[2]
    if platform != "slack" or not target:
        raise Rejected("not_a_slack_place")
    return target


def _parts(message: str) -> tuple[str, str]:
    channel, _, ts = message.partition("/")
    if not channel or not ts:
        raise Rejected("not_a_slack_message")
    return channel, ts
