"""How often Teams lets us send. Source: platform notes for Teams, "rates, each thread"."""

from __future__ import annotations

from typing import Final

from core.delivery import Rate

THREAD: Final = (Rate(7, 1), Rate(8, 2), Rate(60, 30), Rate(1800, 3600))
"""Each conversation: a personal chat, a group chat, a channel."""

BOT: Final = (Rate(49, 1),)
"""The whole bot may make 50 requests a second; answers to people, who don't queue, have the one beside.

Microsoft counts the 50 for each tenant; to take them for all of them together keeps within that.
"""
