"""Teams' limits: the one table that rendering keeps to and the tests judge by.

From Microsoft's reference of Adaptive Cards in Teams, its design guidance, and as measured.
"""

from __future__ import annotations

from typing import Final

CARD_VERSION: Final = "1.5"

MESSAGE_BYTES: Final = 28_000  # of card, as UTF-8 JSON: what every kind of client and connector takes
DIALOG_BYTES: Final = 80_000  # about where Teams refuses

SUMMARY: Final = 200  # a notification shows less
FALLBACK_TEXT: Final = 2_000
DIALOG_TITLE: Final = 64

ACTIONS: Final = 6  # in one set; Teams hides what is more
BUTTON_TITLE: Final = 75
TOOLTIP: Final = 150
DATA_BYTES: Final = 4_000  # our own: what one button carries
REFRESH_USERS: Final = 60

EXPANDED_OPTIONS: Final = 10
"""More than these are quicker found in a list that opens and can be searched."""

LINES: Final = 40
"""Lines of one quotation that stand as blocks of their own; those after them share one."""
