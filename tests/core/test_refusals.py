"""Refusals: each says what to do next, in words that hold what they were given."""

from __future__ import annotations

from datetime import UTC, datetime
from string import Formatter

import pytest

from core import refusals
from core.cards.answers import refused_card
from core.cards.model import Moment, Piece
from core.cards.plain import plain
from core.refusals import LONDON, Refusal
from tests.core.kit import Story, checked_card, words_of

KINDS = [
    kind
    for kind in vars(refusals).values()
    if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
]
AT = Moment(at=datetime(2026, 7, 1, 9, 5, tzinfo=UTC))


def asked_for(kind: type[Refusal]) -> dict[str, Piece]:
    """A value for each name in braces."""
    names = [name for _, name, _, _ in Formatter().parse(kind.__doc__ or "") if name]
    return {name: AT if name == "at" else f"The {name}." for name in names}


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_reads_as_sentences(kind: type[Refusal]) -> None:
    words = kind("", **asked_for(kind)).words
    assert words[0].isupper()
    assert words[-1] == "."
    assert "{" not in words
    assert "!" not in words
    assert "  " not in words


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "at" in asked_for(kind)])
def test_a_moment_beside_a_field_is_englands(kind: type[Refusal]) -> None:
    assert "Wed 1 Jul, 10:05" in kind("", **asked_for(kind)).words


@pytest.mark.parametrize(
    ("style", "words"), [("day", "Wed 1 Jul"), ("time", "10:05"), ("day_time", "Wed 1 Jul, 10:05")]
)
def test_moments_in_plain_words(style: str, words: str) -> None:
    assert plain((Moment.model_validate({"at": AT.at, "style": style}),), LONDON) == words


def test_a_refusal_leads_into_the_case_for_whoever_may_see_it() -> None:
    story = Story().raises()
    refusal = refusals.NoProposal()
    shown = checked_card(refused_card(refusal, story.state, may_see=True))
    assert [button.verb for button in shown.buttons()] == ["open"]
    hidden = checked_card(refused_card(refusal, story.state, may_see=False))
    assert not hidden.buttons()
    assert "There is no proposed outcome" in words_of(hidden)
