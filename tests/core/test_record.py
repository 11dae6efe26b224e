"""The chronology: what each may see of it, in order, with what was written (P13, P14)."""

from __future__ import annotations

import pytest

from core.commands import AddNote, DeclineOutcome, NewAction, RecordContactAttempt
from core.record import Entry, chronology
from tests.core.kit import Story, action, words_of


def seen(story: Story, who: str) -> tuple[Entry, ...]:
    return chronology(story.entries, who)


def written(story: Story, who: str) -> list[str]:
    return [words for entry in seen(story, who) for _, words in entry.written]


def lived() -> Story:
    story = Story().raises().accepts("ben")
    story.adds_view("ben")
    story.passes(hours=1).does("amira", AddNote("zebra for all"))
    story.does("ben", AddNote("zebra for us", own_side_only=True))
    story.does("amira", RecordContactAttempt("zebra whom", "zebra when", "zebra how", "zebra result"))
    made = story.proposes("amira", action("ben"))
    story.does("ben", DeclineOutcome(made, "zebra declining"))
    return story


@pytest.mark.policy("P13")
def test_everything_that_was_written_is_in_the_chronology_in_order() -> None:
    words = written(lived(), "ben")
    expected = [
        "zebra decision",
        "zebra view",
        "zebra for all",
        "zebra result",
        "zebra outcome",
        "zebra declining",
    ]
    found = [words.index(each) for each in expected]
    assert found == sorted(found)


@pytest.mark.policy("P13")
def test_entries_are_numbered_and_timed_in_the_order_of_the_record() -> None:
    entries = seen(lived(), "ben")
    assert [entry.sequence for entry in entries] == sorted(entry.sequence for entry in entries)
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


def test_a_note_for_ones_own_side_is_not_seen_by_the_other() -> None:
    story = lived()
    assert "zebra for us" in written(story, "ben")
    assert "zebra for us" not in written(story, "amira")
    assert [entry.private for entry in seen(story, "ben")].count(True) == 1


def test_a_note_for_ones_own_side_gives_no_line_in_any_room() -> None:
    story = Story().raises().accepts("ben")
    story.does("ben", AddNote("zebra", own_side_only=True))
    sequence = story.state.version
    assert not [n for n in story.notices if n.sequence == sequence and n.kind != "card"]


@pytest.mark.policy("P20")
def test_nobody_outside_and_nobody_only_named_sees_any_of_it() -> None:
    story = Story().raises()
    for who in ("ben", "kai", "dara", "nobody", ""):
        assert seen(story, who) == ()


@pytest.mark.policy("P24")
def test_the_chair_sees_what_both_sides_see_and_no_side_alone() -> None:
    story = lived().reaches(4)
    story.not_resolved("amira")
    assert "zebra for all" in written(story, "zoe")
    assert "zebra for us" not in written(story, "zoe")


@pytest.mark.policy("P13")
def test_a_manager_who_joins_later_sees_what_came_before() -> None:
    story = lived().reaches(2)
    assert "zebra view" in written(story, "dara")
    assert "zebra for us" in written(story, "farah")
    assert "zebra for us" not in written(story, "dara")


def test_a_long_case_is_turned_page_by_page_and_nothing_is_left_out() -> None:
    story = lived()
    for number in range(40):
        story.does("amira", AddNote(f"zebra note {number} " + "x" * 2900))
    first = words_of(story.form("amira", "history", "1"))
    assert "zebra decision" in first
    assert "Later" in first
    assert "zebra note 39" in words_of(story.form("amira", "case"))
    pages = "".join(words_of(story.form("amira", "history", str(page))) for page in range(1, 20))
    for number in range(40):
        assert f"zebra note {number} " in pages


def test_the_fullest_case_keeps_within_what_a_platform_shows() -> None:
    long = "zebra " * 499
    story = Story().raises(
        account=long, decision_asked=long, in_danger=True, made_safe=long, own_reference="zebra" * 30
    )
    story.accepts("ben")
    for who in ("amira", "ben"):
        for _ in range(15):
            story.does(who, AddNote(long, own_side_only=True))
        story.does(who, AddNote(long))
        story.adds_view(who)
    many = tuple(NewAction(long, "ben", action().due) for _ in range(10))
    made = ""
    for _ in range(6):
        made = story.proposes("amira", *many)
    story.does("ben", DeclineOutcome(made, long))
    story.form("ben", "case")
    for page in range(1, 20):
        story.form("ben", "history", str(page))
