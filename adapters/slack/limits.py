"""Slack's limits: the one table that rendering keeps to and the tests judge by.

Characters, unless a name says otherwise. From Slack's Block Kit, message and view references, and as
measured.
"""

from __future__ import annotations

from typing import Final

MESSAGE_BLOCKS: Final = 50
MESSAGE_TEXT: Final = 4_000  # the top-level text
MESSAGE_BLOCK_TEXT: Final = 9_500  # the text of all blocks together

VIEW_BLOCKS: Final = 100
VIEW_TITLE: Final = 24  # submit and close too
PRIVATE_METADATA: Final = 3_000
CALLBACK_ID: Final = 255

BLOCK_ID: Final = 255
ACTION_ID: Final = 255

SECTION_TEXT: Final = 3_000
RICH_TEXT: Final = 3_000  # none is documented; held to what a section takes
HEADER_TEXT: Final = 150
CONTEXT_ELEMENTS: Final = 10
CONTEXT_TEXT: Final = 2_000
ACTIONS_ELEMENTS: Final = 25
SECTION_FIELDS: Final = 10
SECTION_FIELD_TEXT: Final = 2_000

BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
ACCESSIBILITY_LABEL: Final = 75

CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30

INPUT_LABEL: Final = 2_000
INPUT_HINT: Final = 2_000
INPUT_LENGTH: Final = 3_000  # what a person can type into one field

OPTIONS: Final = 100  # in one select, or in one group of it
OPTION_GROUPS: Final = 100
OPTION_GROUP_LABEL: Final = 75
BOXES: Final = 10  # radio buttons or checkboxes
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 75

REQUEST_BYTES: Final = 256 * 1024
"""Our own: no payload of Slack's comes near it."""
