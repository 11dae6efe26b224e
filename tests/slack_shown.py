"""What a person sees of what we send to Slack: entities decoded in plain_text, rich text as it is, dates by
their fallback.
"""

from __future__ import annotations

import re
from typing import Any

from adapters.slack.text import unescape

DATE = re.compile(r"<!date\^\d+\^[^|]*\|([^>]*)>")
READ_FIRST = (
    "title",
    "label",
    "text",
    "description",
    "elements",
    "element",
    "options",
    "option_groups",
    "blocks",
)


def shown(node: Any) -> str:
    """The words of a message's blocks, a view or any part of one, a line for each block or label."""
    return "\n".join(words for words in _pieces(node) if words)


def _pieces(node: Any) -> list[str]:
    if isinstance(node, list):
        return [piece for each in node for piece in _pieces(each)]
    if not isinstance(node, dict):
        return []
    if node.get("type") in {"rich_text_section", "rich_text_quote"}:
        return ["".join(element.get("text") or element.get("fallback", "") for element in node["elements"])]
    if node.get("type") == "context":
        return [" ".join(piece for each in node["elements"] for piece in _pieces(each))]
    if node.get("type") == "mrkdwn":
        return [unescape(DATE.sub(r"\1", node["text"]))]
    if node.get("type") == "plain_text":
        return [unescape(node["text"])]
    return [piece for key in (*READ_FIRST, "hint", "submit", "close") for piece in _pieces(node.get(key))]
