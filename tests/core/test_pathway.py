"""The shipped pathway says what the policy asks, and a broken one is refused with file, line and field."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.pathway import TO_BE_SUPPLIED, Pathway, PathwayProblem, problems_in_pathway, read_pathway

SHIPPED = Path(__file__).parents[2] / "core" / "pathways" / "hammersmith-fulham.yaml"
TEXT = SHIPPED.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shipped() -> Pathway:
    return read_pathway(TEXT, "hammersmith-fulham.yaml")


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in TEXT, f"the shipped file no longer says {old!r}"
    return TEXT.replace(old, new, count)


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


# --- what the shipped pathway says ---


def test_the_shipped_pathway_has_the_four_stages_of_the_policy(shipped: Pathway) -> None:
    assert [stage.name for stage in shipped.stages] == ["Stage 1", "Stage 2", "Stage 3", "Stage 4"]
    assert [(stage.leaders.role, stage.leaders.of) for stage in shipped.stages] == [
        ("practitioner", "each_participant"),
        ("line_manager", "each_participant"),
        ("senior_manager", "agency"),
        ("sab_member", "agency"),
    ]
    assert [stage.approvers for stage in shipped.stages] == ["participants", "leaders", "leaders", "leaders"]


def test_only_stages_one_and_three_have_a_time_that_the_policy_sets(shipped: Pathway) -> None:
    sources = [
        (clock.kind, clock.source, clock.policy_row) for stage in shipped.stages for clock in stage.clocks
    ]
    assert sources == [
        ("window", "policy", "P20"),
        ("review", "board default", "P21"),
        ("window", "policy", "P22"),
        ("review", "board default", "P23"),
    ]


def test_where_the_policy_sets_no_time_the_words_say_so(shipped: Pathway) -> None:
    clocks = [clock for stage in shipped.stages for clock in stage.clocks] + [shipped.after_last_stage.clock]
    silent = [clock for clock in clocks if clock.source == "board default"]
    assert len(silent) == 3
    assert all("No time is set by the policy" in clock.note for clock in silent)
    assert all("our default, for the board to confirm" in clock.note for clock in silent)


def test_nobody_can_call_a_position_of_trust_in_scope_but_can_raise_the_rest(shipped: Pathway) -> None:
    final = [exclusion for exclusion in shipped.exclusions if not exclusion.may_override]
    assert [exclusion.key for exclusion in final] == ["position-of-trust"]
    assert "without any details" in final[0].about_the_rest


def test_the_adults_views_may_be_missing_for_a_reason(shipped: Pathway) -> None:
    asks = {kind.key: (kind.asks_words, kind.asks_because, kind.asks_again) for kind in shipped.adult_views}
    assert asks == {
        "own-words": (True, False, False),
        "representative": (True, False, False),
        "advocate": (True, False, False),
        "not-yet-sought": (False, False, True),
        "unsafe-to-ask": (False, True, False),
        "declined": (False, False, False),
    }


def test_what_to_do_in_danger_names_999_and_that_this_is_no_emergency_service(shipped: Pathway) -> None:
    lines = "\n".join(shipped.danger.lines())
    assert "999" in lines
    assert "emergency duty team" in lines
    assert "Phone. This bot is not an emergency service." in lines


def test_what_only_the_board_can_know_is_not_made_up(shipped: Pathway) -> None:
    assert shipped.board.privacy_notice == TO_BE_SUPPLIED
    assert shipped.board.privacy_notice_url is None


def test_a_supplied_privacy_notice_can_be_linked() -> None:
    text = changed(f"privacy_notice: {TO_BE_SUPPLIED}", "privacy_notice: https://board.example/privacy")
    assert read_pathway(text, "f.yaml").board.privacy_notice_url == "https://board.example/privacy"


def test_stages_follow_one_another_and_the_last_has_none_after_it(shipped: Pathway) -> None:
    walked = [shipped.first_stage]
    while following := shipped.next_stage(walked[-1].key):
        walked.append(following)
    assert tuple(walked) == shipped.stages
    with pytest.raises(KeyError):
        shipped.stage("stage-9")


def test_the_wording_has_no_exclamation_marks_and_none_of_the_words_to_avoid() -> None:
    avoid = ("!", "client", "service user", "vulnerable adult", "perpetrator", "investigation", "threshold")
    assert [word for word in avoid if word in TEXT.lower()] == []


def test_a_pathway_is_known_by_the_hash_of_its_text(shipped: Pathway) -> None:
    assert shipped.text == TEXT
    assert shipped.content_hash == hashlib.sha256(TEXT.encode()).hexdigest()
    assert read_pathway(TEXT + "\n# another\n", "f.yaml").content_hash != shipped.content_hash


def test_with_windows_of_twenty_seconds_it_is_a_valid_pathway() -> None:
    pathway = read_pathway(TEXT.replace("1 working week", "20 seconds"), "short.yaml")
    clocks = [clock for stage in pathway.stages for clock in stage.clocks] + [pathway.after_last_stage.clock]
    assert all(clock.window.by_clock and clock.window.duration.total_seconds() == 20 for clock in clocks)
    assert {point for clock in pathway.stages[0].clocks for point in clock.reminders} == {0.6, 0.9, 1.0, 1.2}


# --- what is refused, and how it is said ---


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        (
            "window: 1 working week",
            "window: a while",
            "stages[stage-1].clocks[resolve].window",
            "length of time",
        ),
        ("number: 2", "number: 3", "stages[stage-2].number", "count up from 1"),
        ("key: stage-2", "key: stage-1", "stages[stage-1]", "used twice"),
        ("key: stage-2", "key: Stage 2", "stages[Stage 2].key", "small letters"),
        ("key: engagement", "key: roles", "categories[roles]", "used twice"),
        (
            "[0.6, 0.9, 1.0, 1.2]",
            "[0.9, 0.6]",
            "stages[stage-1].clocks[resolve].reminders",
            "later than the one before",
        ),
        ("[0.6, 0.9, 1.0, 1.2]", "[0, 1]", "stages[stage-1].clocks[resolve].reminders", "above 0"),
        ("[0.6, 0.9, 1.0, 1.2]", "[]", "stages[stage-1].clocks[resolve].reminders", "at least one"),
        ("[0.6, 0.9, 1.0, 1.2]", "[.nan]", "stages[stage-1].clocks[resolve].reminders[1]", "number"),
        ("role: senior_manager", "role: boss", "stages[stage-3].leaders.role", "'line_manager'"),
        ("tell: sab_chair}", "tell: next_stage_leaders}", "stages[stage-4].unanswered.tell", "sab_chair"),
        ("of: each_participant", "of: agency", "stages[stage-1].leaders.of", "each_participant"),
        ("time_zone: Europe/London", "time_zone: Londres", "board.time_zone", "time zone"),
        ("Mon-Fri 09:00-17:00", "nine to five", "board.working_hours", "working hours"),
        ("reference_prefix: HF", "reference_prefix: hf-1", "board.reference_prefix", "capital letters"),
        ("host_agency:", "host_agncy:", "board.host_agncy", "not a key that we know"),
        (
            "policy_row: P20",
            'policy_row: ""',
            "stages[stage-1].clocks[resolve].policy_row",
            "row of the policy",
        ),
        (
            "may_override: false",
            "may_override: perhaps",
            "exclusions[position-of-trust].may_override",
            "true or false",
        ),
        ("banner: Risk", "banner: 5 #", "danger.banner", "must be text"),
        (
            "approvals_per_side: 1",
            "approvals_per_side: 2",
            "stages[stage-1].approvals_per_side",
            "Use one of these: 1",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_file_line_and_field(
    old: str, new: str, field: str, says: str
) -> None:
    text = changed(old, new)
    with pytest.raises(PathwayProblem) as refused:
        read_pathway(text, "ours.yaml")
    found = next((problem for problem in refused.value.problems if problem.field == field), None)
    assert found is not None, str(refused.value)
    assert found.file == "ours.yaml"
    assert says in found.sentence
    assert found.sentence.endswith(".")
    assert str(found) == f"ours.yaml, line {found.line}, {field}: {found.sentence}"


def test_the_line_named_is_the_one_to_change() -> None:
    text = changed("window: 1 working week", "window: a while")
    assert [problem.line for problem in problems_in_pathway(text, "f.yaml")] == [line_of(text, "a while")]


def test_something_missing_is_named_at_the_line_of_what_it_is_missing_from() -> None:
    text = changed("    approvers: participants\n", "")
    [problem] = problems_in_pathway(text, "f.yaml")
    assert (problem.field, problem.sentence) == ("stages[stage-1].approvers", "This is missing.")
    assert problem.line == line_of(text, "- key: stage-1")


def test_every_problem_is_said_at_once_in_the_order_of_the_lines() -> None:
    text = changed("number: 2", "number: two").replace("Europe/London", "Nowhere")
    problems = problems_in_pathway(text, "f.yaml")
    assert [problem.field for problem in problems] == ["board.time_zone", "stages[stage-2].number"]


def test_a_stage_without_a_clock_would_pass_in_silence_and_is_refused() -> None:
    start, end = TEXT.index("    clocks:\n"), TEXT.index("    unanswered:")
    problems = problems_in_pathway(TEXT[:start] + "    clocks: []\n" + TEXT[end:], "f.yaml")
    assert [problem.field for problem in problems] == ["stages[stage-1].clocks"]


def test_a_single_stage_is_no_ladder() -> None:
    start, end = TEXT.index("  - key: stage-2"), TEXT.index("after_last_stage:")
    text = (TEXT[:start] + TEXT[end:]).replace("tell: next_stage_leaders", "tell: sab_chair")
    [problem] = problems_in_pathway(text, "f.yaml")
    assert "two to six stages" in problem.sentence


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("board:\n  name: [", 2, "not YAML"),
        ("board: 1\nboard: 2\n", 2, "written twice"),
        ("", 1, "begin with keys"),
        ("- a\n- b\n", 1, "begin with keys"),
        ("board: &a {x: 1}\ndanger: *a\n", 2, "Aliases"),
        ("board: &a [*a]\n", 1, ""),
        ("a: \x00\n", 1, "not YAML"),
        ("[" * 5000, 0, "not YAML"),
        ("a: !!python/object:os.system {}\n", 1, ""),
    ],
)
def test_what_is_not_a_file_of_ours_at_all_is_refused_in_a_sentence(text: str, line: int, says: str) -> None:
    problems = problems_in_pathway(text, "f.yaml")
    assert problems
    assert says in problems[0].sentence
    assert problems[0].line <= max(line, 1)


@settings(max_examples=40, deadline=None)
@given(
    cut=st.integers(0, len(TEXT) - 1),
    put=st.sampled_from(["", ":", "\t", "'", "[", "- ", "\n", "&x ", "é", "{}"]),
)
def test_any_slip_of_the_hand_is_read_or_refused_but_never_a_traceback(cut: int, put: str) -> None:
    text = TEXT[:cut] + put + TEXT[cut + 1 :]
    for problem in problems_in_pathway(text, "f.yaml"):
        assert 0 <= problem.line <= text.count("\n") + 1
        assert problem.sentence.endswith(".")


@pytest.mark.parametrize("escape", [r"\0", r"\ud800", r"x\udfff"])
def test_a_character_that_no_database_takes_is_refused_by_its_line(escape: str) -> None:
    text = changed("time_zone: Europe/London", f'time_zone: "{escape}"')
    [problem] = problems_in_pathway(text, "pathway.yaml")
    assert "can't be kept" in problem.sentence
    assert problem.line == line_of(text, "time_zone:")
