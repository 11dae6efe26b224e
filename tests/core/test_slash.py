"""What somebody typed after /escalate, understood; anything else gets help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.slash import Help, ListCases, New, Note, Said, Show, understand


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("", New()),
        ("   ", New()),
        ("new", New()),
        ("NEW", New()),
        ("list", ListCases("mine")),
        ("list  overdue", ListCases("overdue")),
        ("List All", ListCases("all")),
        ("show hf-2026-0001", Show("HF-2026-0001")),
        ("  show   HF-2026-0001  ", Show("HF-2026-0001")),
        ("note HF-2026-0001 Phoned the ward", Note("HF-2026-0001", "Phoned the ward")),
        ("note hf-2026-0001   two\nlines ", Note("HF-2026-0001", "two\nlines")),
        ("note\nHF-2026-0001\nPhoned", Note("HF-2026-0001", "Phoned")),
        ("help", Help()),
        ("?", Help()),
    ],
)
def test_what_is_said_is_understood(words: str, meant: Said) -> None:
    assert understand(words) == meant


@pytest.mark.parametrize(
    "words",
    ["list everything", "show", "show me", "note", "note HF-2026-0001", "note Phoned", "raise the alarm"],
)
def test_what_is_not_understood_gets_help_that_says_how(words: str) -> None:
    meant = understand(words)
    assert isinstance(meant, Help)
    assert meant.about


@given(st.text(max_size=200))
def test_anything_at_all_is_answered(words: str) -> None:
    assert understand(words) is not None


@given(st.text(max_size=50))
def test_help_never_repeats_what_was_typed_as_a_note(words: str) -> None:
    meant = understand(f"note nowhere {words} zebra")
    assert isinstance(meant, Help)
    assert "zebra" not in meant.about
