"""The threat model says nothing that no test shows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
HEADER = "| threat | what stands in the way | what doesn't | tests |"


def lines() -> list[list[str]]:
    """The cells of each threat's line."""
    rows = [line for line in MODEL.read_text().splitlines() if line.startswith("| ")]
    return [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in rows
        if row != HEADER and not row.startswith("| ---")
    ]


@cache
def shown_in(path: str) -> frozenset[str]:
    """What pytest would collect there: functions, and state machines by their class."""
    tree = ast.parse((ROOT / path).read_text())
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    machines = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    return frozenset([name for name in functions if name.startswith("test_")] + machines)


def test_there_is_something_to_check() -> None:
    assert len(lines()) >= 25
    assert MODEL.read_text().count(HEADER) == 4


@pytest.mark.parametrize("cells", lines(), ids=lambda cells: cells[0][:50])
def test_every_threat_names_what_shows_it(cells: list[str]) -> None:
    assert len(cells) == 4
    threat, stands, does_not, tests = cells
    assert threat
    assert stands or does_not
    named = NAMED.findall(tests)
    assert named, f"no test is named for: {threat}"
    assert not NAMED.sub("", tests).strip(), f"this is no test's name: {NAMED.sub('', tests).strip()}"
    for path, name in named:
        assert (ROOT / path).exists(), path
        assert name in shown_in(path), f"{path} has no {name}"


def test_how_to_report_and_what_is_not_protected_are_said() -> None:
    said = (ROOT / "SECURITY.md").read_text()
    for heading in ("## How to report", "## Supported versions", "## What is protected", "## What is not"):
        assert heading in said
    assert "docs/threat-model.md" in said
