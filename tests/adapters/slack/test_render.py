"""Cards and forms on Slack: as typed, within the limits, and each part in its place."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack import limits, render
from adapters.slack.text import unescape
from core.cards.model import (
    Banner,
    Button,
    Buttons,
    Card,
    CardPart,
    Day,
    Fact,
    Facts,
    Field,
    Form,
    FormPart,
    Heading,
    Line,
    Moment,
    Option,
    Progress,
    Quote,
    line,
    quiet,
    strong,
    text,
)
from tests.slack_judge import judge_message, judge_view
from tests.slack_shown import shown

DUE = Moment(at=datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
TRICKY = (
    "*b* _i_ ~s~ `c`",
    "[x](y)",
    "<!channel> <@U1>",
    "<b>&amp;</b>",
    ":smile: > q",
    "&lt;!here&gt;",
    "@here #a",
)


def form(*parts: FormPart, **changes: Any) -> Form:
    return Form(**{"kind": "tell", "title": "Tell it", "parts": parts, "submit": "Send"} | changes)


def field(entry: str = "short", **changes: Any) -> Field:
    return Field(**{"id": "why", "label": "Why?", "entry": entry} | changes)


def options(number: int, explanation: str = "") -> tuple[Option, ...]:
    return tuple(Option(value=f"o{n}", label=f"Choice {n}", explanation=explanation) for n in range(number))


def element(drawn: dict[str, Any]) -> dict[str, Any]:
    [found] = [block["element"] for block in drawn["blocks"] if block["type"] == "input"]
    return dict(found)


def judged(drawn: dict[str, Any]) -> dict[str, Any]:
    judge_view(drawn)
    return drawn


MARKUP = "*_~`<>&[]()!@#:|^-\\/ "
short = st.text(
    st.sampled_from(MARKUP) | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=14
)
said = (short | st.sampled_from(TRICKY)).filter(lambda words: bool(words.strip()) and words == words.strip())
long = st.text(
    st.sampled_from(MARKUP) | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=600
)


@settings(max_examples=50, deadline=None)
@given(long.filter(lambda words: bool(words.strip())))
def test_what_somebody_typed_is_quoted_to_the_letter(words: str) -> None:
    drawn = judged(render.view(form(Quote(words=words), line(words), submit="")))
    assert shown(drawn["blocks"]) == f"{words}\n{words}"


@settings(max_examples=150, deadline=None)
@given(said)
def test_whatever_is_put_in_a_card_is_what_slack_shows(words: str) -> None:
    card = Card(
        summary=words,
        parts=(
            Heading(text=words),
            Banner(text=words),
            line(words),
            strong(words),
            quiet(words, DUE),
            Facts(rows=(Fact(label=words, text=text(words)),)),
            Progress(at=1, of=4, words=text(words)),
            Buttons(buttons=(Button(label=words, verb="open", confirm=words),)),
        ),
    )
    message = render.message(card)
    judge_message(message)
    assert unescape(message["text"]) == words
    assert shown(message["blocks"]).split("\n") == [
        f"▲ {words}",
        words,
        words,
        words,
        f"{words} Tue 30 Jun, 17:00",
        f"{words}: {words}",
        f"●──○──○──○   {words}",
        words,
    ]


@settings(max_examples=100, deadline=None)
@given(said)
def test_whatever_is_put_in_a_form_is_what_slack_shows_and_gives_back(words: str) -> None:
    drawn = judged(
        render.view(
            form(
                Quote(words=words),
                field(label=words, hint=words, value=(words,), error=words),
                field("choice", id="who", label=words, options=(Option(value="a", label=words),)),
            )
        )
    )
    lines = shown(drawn["blocks"]).split("\n")
    assert lines == [words, words, words, f"▲ {words}", words, words]
    assert drawn["blocks"][1]["element"]["initial_value"] == words


@pytest.mark.parametrize("words", TRICKY)
def test_no_words_from_outside_stand_where_slack_parses_markup(words: str) -> None:
    card = Card(summary=words, parts=(line(words), quiet(words, DUE, words), Banner(text=words)))
    assert words not in str(_mrkdwn(render.message(card)["blocks"]))


def _mrkdwn(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for each in node for found in _mrkdwn(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("type") == "mrkdwn" else []
    return own + [found for each in node.values() for found in _mrkdwn(each)]


def test_the_banner_comes_before_everything_else() -> None:
    message = render.message(Card(summary="s", parts=(strong("To respond"), Banner(text="Phone 999"))))
    assert shown(message["blocks"]).split("\n")[0] == "▲ Phone 999"


def test_a_moment_is_in_each_readers_zone_with_words_to_fall_back_on() -> None:
    [block] = render.message(Card(summary="s", parts=(line("by ", DUE),)), ZoneInfo("Asia/Tokyo"))["blocks"]
    assert block["elements"][0]["elements"][1] == {
        "type": "date",
        "timestamp": 1782835200,
        "format": "{day_divider_pretty}, {time}",
        "fallback": "Wed 1 Jul, 01:00",
    }


def test_a_calendar_day_is_the_same_for_everybody() -> None:
    message = render.message(Card(summary="s", parts=(line("on ", Day(on=date(2026, 11, 30))),)))
    assert shown(message["blocks"]) == "on Mon 30 Nov"


def test_a_strong_line_is_bold_and_a_quiet_one_is_small_print() -> None:
    bold, small = render.message(Card(summary="s", parts=(strong("now"), quiet("later"))))["blocks"]
    assert bold["elements"][0]["elements"][0]["style"] == {"bold": True}
    assert small["type"] == "context"


def test_a_button_carries_its_value_and_asks_before_what_cannot_be_undone() -> None:
    button = Button(label="Withdraw", verb="withdraw", escalation="e1", style="danger", confirm="Really?")
    [row] = render.message(Card(summary="s", parts=(Buttons(buttons=(button,)),)))["blocks"]
    [drawn] = row["elements"]
    assert (drawn["value"], drawn["style"], drawn["action_id"]) == (
        "withdraw:e1:",
        "danger",
        "press:1:withdraw",
    )
    assert drawn["confirm"]["text"]["text"] == "Really?"


def test_two_buttons_of_one_name_are_told_apart_by_screen_readers() -> None:
    row = Buttons(buttons=(Button(label="Open", verb="open"),))
    card = Card(summary="s", parts=(line("HF-2026-0042"), row, line("HF-2026-0037"), row))
    message = render.message(card)
    judge_message(message)
    said_of = [block["elements"][0]["accessibility_label"] for block in message["blocks"][1::2]]
    assert said_of == ["Open: HF-2026-0042", "Open: HF-2026-0037"]


def test_a_card_with_nothing_on_it_still_says_its_summary() -> None:
    message = render.message(Card(summary="HF-2026-0001", parts=()))
    judge_message(message)
    assert shown(message["blocks"]) == "HF-2026-0001"


@pytest.mark.parametrize("count", [60, 200])
def test_a_card_that_is_too_long_is_cut_and_says_so_and_keeps_its_buttons(count: int) -> None:
    row = Buttons(buttons=(Button(label="Open", verb="open"),))
    parts: list[CardPart] = [*(line("word " * 40) for _ in range(count)), row]
    message = render.message(Card(summary="s", parts=tuple(parts)))
    judge_message(message)
    assert shown(message["blocks"]).endswith(f"{render.MORE_IN_CARD}\nOpen")


def test_a_form_that_is_too_long_is_cut_and_says_so_and_keeps_its_fields() -> None:
    parts: Sequence[FormPart] = [*(Line(text=(f"line {n}",)) for n in range(150)), field()]
    drawn = judged(render.view(form(*parts)))
    assert "line 5" in shown(drawn["blocks"])
    assert render.MORE_IN_FORM in shown(drawn["blocks"])
    assert element(drawn)["action_id"] == "why"


def test_a_long_account_is_shown_whole_over_several_blocks() -> None:
    words = "".join(chr(97 + n % 26) for n in range(7_500))
    drawn = judged(render.view(form(Quote(words=words), submit="")))
    assert len(drawn["blocks"]) == 3
    assert shown(drawn["blocks"]).replace("\n", "") == words


def test_a_form_to_read_has_no_submit_button() -> None:
    assert "submit" not in judged(render.view(form(line("words"), submit="")))


def test_a_long_title_is_cut_above_and_whole_below() -> None:
    title = "The outcome that Ben & others propose"
    drawn = judged(render.view(form(line("words"), title=title)))
    assert unescape(drawn["title"]["text"]).endswith("…")
    assert shown(drawn["blocks"]).split("\n")[0] == title


def test_what_a_form_carries_comes_back_with_it_or_is_refused() -> None:
    drawn = judged(render.view(form(line("w"), carry={"form_id": "f1"})))
    assert drawn["private_metadata"] == '{"kind":"tell","carry":{"form_id":"f1"}}'
    with pytest.raises(ValueError, match="carries 5"):
        render.view(form(line("w"), carry={"form_id": "x" * 5_000}))


@pytest.mark.parametrize(
    ("entry", "number", "kind"),
    [
        ("choice", 6, "radio_buttons"),
        ("choice", 7, "static_select"),
        ("choice", 100, "static_select"),
        ("choice", 101, "static_select"),
        ("choices", 10, "checkboxes"),
        ("choices", 11, "multi_static_select"),
        ("choices", 250, "multi_static_select"),
    ],
)
def test_options_are_drawn_in_what_holds_them(entry: str, number: int, kind: str) -> None:
    drawn = element(judged(render.view(form(field(entry, options=options(number), value=("o3",))))))
    assert drawn["type"] == kind
    assert ("option_groups" in drawn) == (number > limits.OPTIONS)
    initial = drawn.get("initial_option") or drawn["initial_options"][0]
    assert initial["value"] == "o3"


def test_a_short_explanation_stands_under_its_option() -> None:
    drawn = element(judged(render.view(form(field("choice", options=options(2, "why"))))))
    assert drawn["options"][0]["description"]["text"] == "why"


def test_labels_and_explanations_that_slack_would_cut_are_written_out_above() -> None:
    long_label, explanation = "A label of many words, " * 5, "An explanation, at length. " * 5
    choice = field(
        "choice", options=(*options(1, "short"), Option(value="a", label=long_label, explanation=explanation))
    )
    drawn = judged(render.view(form(choice)))
    assert f"{long_label}: {explanation}" in shown(drawn["blocks"][0])
    assert element(drawn)["type"] == "static_select"
    assert "description" not in str(element(drawn))


def test_a_choice_of_nothing_is_said_rather_than_sent() -> None:
    drawn = judged(render.view(form(field("choice"))))
    assert shown(drawn["blocks"]) == "Why?: there is nothing to choose from."


def test_a_day_opens_at_its_value() -> None:
    drawn = element(judged(render.view(form(field("day", value=("2026-12-01",))))))
    assert drawn == {"action_id": "why", "type": "datepicker", "initial_date": "2026-12-01"}


def test_a_day_that_is_none_leaves_the_form_open_to_be_filled_in() -> None:
    drawn = element(judged(render.view(form(field("day", value=("next week",))))))
    assert "initial_date" not in drawn


def test_another_step_of_a_form_does_not_take_over_what_was_typed_in_the_one_before() -> None:
    ids = [
        render.view(form(field(), kind=kind, carry=carry))["blocks"][0]["block_id"]
        for kind, carry in [("tell", {"step": "1"}), ("tell", {"step": "2"}), ("who", {"step": "2"})]
    ]
    assert len(set(ids)) == 3


def test_a_card_told_in_a_form_closes_what_lies_beneath_when_that_is_done() -> None:
    drawn = judged(render.closing_view(Card(summary="s", parts=(line("Saved"),))))
    assert drawn["clear_on_close"]
    assert "submit" not in drawn
