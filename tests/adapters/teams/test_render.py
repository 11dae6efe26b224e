"""Cards and forms on Teams: within the limits, and each part in its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams import limits, render
from adapters.teams.text import tame
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
    Moment,
    Option,
    Progress,
    Quote,
    line,
    quiet,
    strong,
    text,
)
from tests.teams_judge import judge_card, judge_dialog, judge_message

DUE = Moment(at=datetime(2026, 6, 30, 16, 0, tzinfo=UTC))


def body_of(*parts: CardPart, **changes: Any) -> list[dict[str, Any]]:
    """What a card is drawn as, once the judge has passed it."""
    message = render.message(Card(**{"summary": "s", "parts": parts} | changes))
    judge_message(message)
    return list(message["attachments"][0]["content"]["body"])


def dialog_of(*parts: FormPart, **changes: Any) -> dict[str, Any]:
    drawn = render.dialog(Form(**{"kind": "tell", "title": "Tell it", "parts": parts} | changes))
    judge_dialog(drawn)
    return drawn


def content_of(drawn: dict[str, Any]) -> dict[str, Any]:
    return dict(drawn["card"]["content"])


def field(entry: str = "short", **changes: Any) -> Field:
    return Field(**{"id": "why", "label": "Why?", "entry": entry} | changes)


def drawn_field(made: Field) -> list[dict[str, Any]]:
    """The parts of a field's container."""
    [container] = content_of(dialog_of(made, submit="Send"))["body"]
    return list(container["items"])


def drawn_input(made: Field) -> dict[str, Any]:
    [found] = [item for item in drawn_field(made) if item["type"].startswith("Input.")]
    return found


def options(number: int, explanation: str = "") -> tuple[Option, ...]:
    return tuple(Option(value=f"o{n}", label=f"Choice {n}", explanation=explanation) for n in range(number))


def said(part: dict[str, Any]) -> str:
    """The words of one block, as sent."""
    return str(part["text"]) if "text" in part else "".join(run["text"] for run in part["inlines"])


def actions(row: dict[str, Any]) -> list[dict[str, Any]]:
    assert row["type"] == "ActionSet"
    return list(row["actions"])


def test_the_notification_says_what_is_asked_and_an_old_client_shows_the_words() -> None:
    card = Card(
        summary="HF-2026-0042: an answer is asked for", parts=(line("due ", DUE), Banner(text="Danger"))
    )
    message = render.message(card)
    judge_message(message)
    assert message["summary"] == "HF-2026-0042: an answer is asked for"
    fallback = message["attachments"][0]["content"]["fallbackText"].split("\n\n")
    assert fallback[0] == "▲ Danger"
    assert fallback[2:] == ["due Tue 30 Jun, 17:00", render.UPDATE_TEAMS]


def test_danger_comes_first_and_its_words_carry_it() -> None:
    [banner, _] = body_of(line("words"), Banner(text="Risk of immediate harm."))
    assert banner["style"] == "attention"
    assert said(banner["items"][0]) == "▲ Risk of immediate harm."


def test_a_moment_is_written_in_the_zone_of_whoever_reads() -> None:
    [drawn] = body_of(line("by ", DUE))
    assert drawn["text"] == "by {{DATE(2026-06-30T16:00:00Z,SHORT)}}, {{TIME(2026-06-30T16:00:00Z)}}"


def test_beside_unusual_signs_a_moment_is_written_out_and_the_signs_are_kept() -> None:
    content = render.card_content(
        Card(summary="s", parts=(line("*by* ", DUE),)), zone=ZoneInfo("Europe/Paris")
    )
    judge_card(content)
    assert [said(part) for part in content["body"]] == ["*by* Tue 30 Jun, 18:00"]


def test_a_day_is_the_same_for_everybody() -> None:
    assert [said(part) for part in body_of(line("on ", Day(on=date(2026, 11, 30))))] == ["on Mon 30 Nov"]


def test_a_number_that_begins_a_line_makes_no_list_of_it() -> None:
    [drawn] = body_of(line("12. Ben Osei, ", Moment(at=DUE.at, style="time")))
    assert drawn["text"].startswith("12.\u00a0Ben")


def test_progress_is_a_picture_and_words() -> None:
    [drawn] = body_of(Progress(at=2, of=4, words=text("raised by Amira")))
    assert said(drawn).replace("\u00a0", " ") == "●──●──○──○   raised by Amira"


def test_facts_are_a_bold_label_and_what_it_is() -> None:
    rows = (Fact(label="Raised by", text=text("Amira")), Fact(label="Due", text=text(DUE)))
    [first, second] = body_of(Facts(rows=rows))
    assert [run.get("weight") for run in first["inlines"]] == ["Bolder", None]
    assert said(first) == "Raised by: Amira"
    assert second["text"].startswith("**Due:** {{DATE(")


def test_a_heading_is_one_to_screen_readers() -> None:
    [drawn] = body_of(Heading(text="What happened"))
    assert drawn["style"] == "heading"


def test_a_quote_keeps_its_lines_and_stands_apart() -> None:
    [quote] = content_of(dialog_of(Quote(words="one\n  two\n\nthree")))["body"]
    assert quote["style"] == "emphasis"
    assert [said(part).replace("\u00a0", " ") for part in quote["items"]] == ["one", "  two", "three"]
    assert [part.get("spacing") for part in quote["items"]] == [None, "None", "Medium"]


def test_of_very_many_lines_none_is_lost() -> None:
    words = "\n".join(str(number) for number in range(500))
    [quote] = content_of(dialog_of(Quote(words=words)))["body"]
    assert len(quote["items"]) == limits.LINES
    assert "\n".join(said(part) for part in quote["items"]) == words


def test_a_button_that_opens_a_form_asks_teams_for_a_dialog() -> None:
    [row] = body_of(Buttons(buttons=(Button(label="Open", verb="open", escalation="e1"),)))
    [button] = actions(row)
    assert button["type"] == "Action.Submit"
    assert button["data"] == {"msteams": {"type": "task/fetch"}, "action": "open", "press": "open:e1:"}


def test_a_button_that_does_something_is_executed_and_older_clients_submit_it() -> None:
    [row] = body_of(Buttons(buttons=(Button(label="Done", verb="action_done", escalation="e", object="a"),)))
    [button] = actions(row)
    assert (button["type"], button["verb"]) == ("Action.Execute", "action_done")
    assert button["data"] == {"action": "action_done", "press": "action_done:e:a"}
    assert button["fallback"]["data"] == button["data"]


@pytest.mark.parametrize(("style", "drawn"), [("primary", "positive"), ("danger", "destructive")])
def test_styles_are_teams_own(style: Any, drawn: str) -> None:
    [row] = body_of(Buttons(buttons=(Button(label="Go", verb="open", style=style),)))
    assert actions(row)[0]["style"] == drawn


def test_seven_buttons_stand_in_two_rows() -> None:
    rows = body_of(Buttons(buttons=tuple(Button(label=f"Go {n}", verb="open") for n in range(7))))
    assert [len(actions(row)) for row in rows] == [6, 1]


def test_buttons_of_one_name_say_what_each_is_about() -> None:
    button = Buttons(buttons=(Button(label="Open", verb="open"),))
    drawn = body_of(line("HF-1"), button, line("HF-2"), button)
    assert [actions(row)[0]["tooltip"] for row in drawn[1::2]] == ["Open: HF-1", "Open: HF-2"]


def test_what_follows_a_row_of_buttons_stands_apart_from_it() -> None:
    button = Buttons(buttons=(Button(label="Open", verb="open"),))
    drawn = body_of(line("HF-1"), button, button, line("HF-2"), line("more"))
    assert [bool(part.get("separator")) for part in drawn] == [False, False, False, True, False]


def test_what_cannot_be_undone_is_asked_first() -> None:
    agree = Button(label="Agree", verb="agree", escalation="e", object="p", confirm="Sure?", style="primary")
    [row] = content_of(dialog_of(Buttons(buttons=(agree,))))["body"]
    [shows] = actions(row)
    assert shows["type"] == "Action.ShowCard"
    assert said(shows["card"]["body"][0]) == "Sure?"
    [really] = shows["card"]["actions"]
    assert really["data"] == {"press": "agree:e:p"}
    assert really["title"] == "Agree"


def test_in_a_channel_too_it_is_asked_first() -> None:
    [row] = body_of(Buttons(buttons=(Button(label="Agree", verb="agree", confirm="Sure?"),)))
    [really] = actions(row)[0]["card"]["actions"]
    assert (really["type"], really["verb"]) == ("Action.Execute", "agree")


def test_a_card_can_refresh_itself_for_some() -> None:
    refresh = Button(label="See", verb="open", escalation="e")
    content = render.card_content(
        Card(summary="s", parts=(line("x"),)), refresh_for=("29:a",), refresh=refresh
    )
    judge_card(content)
    assert content["refresh"]["userIds"] == ["29:a"]
    assert content["refresh"]["action"]["data"] == {"action": "open", "press": "open:e:"}


def test_sixty_one_people_are_too_many_to_refresh_for() -> None:
    people = tuple(f"29:{number}" for number in range(61))
    with pytest.raises(ValueError, match="61 people"):
        render.card_content(
            Card(summary="s", parts=()), refresh_for=people, refresh=Button(label="x", verb="y")
        )


def test_a_form_is_sent_with_its_kind_and_what_it_carries() -> None:
    boxes = field("choices", id="who", options=options(2))
    drawn = content_of(dialog_of(field(), boxes, submit="Next", carry={"case": "e1"}))
    [send] = drawn["actions"]
    assert send["title"] == "Next"
    assert send["data"] == {"submit": "tell", "carry": {"case": "e1"}, "several": "who"}


def test_a_form_to_read_has_nothing_to_send() -> None:
    assert "actions" not in content_of(dialog_of(line("words")))


def test_buttons_in_a_dialog_say_only_what_was_pressed() -> None:
    [row] = content_of(dialog_of(Buttons(buttons=(Button(label="Later", verb="history", object="2"),))))[
        "body"
    ]
    assert actions(row)[0]["data"] == {"press": "history::2"}


def test_the_last_thing_a_dialog_says_is_a_card() -> None:
    card = Card(
        summary="Done", parts=(strong("It is done."), Buttons(buttons=(Button(label="Open", verb="open"),)))
    )
    task = render.told(card)
    judge_dialog(task)
    assert task["title"] == render.APP_NAME
    assert said(content_of(task)["body"][0]) == "It is done."


def test_a_field_keeps_what_was_typed_and_says_what_is_missing_beside_it() -> None:
    wrong = field("long", value=("typed",), error="Please say more.", hint="A sentence.", max_length=300)
    [error, entered, hint] = drawn_field(wrong)
    assert said(error) == "▲ Please say more."
    assert said(hint) == "A sentence."
    assert (entered["value"], entered["maxLength"], entered["isMultiline"]) == ("typed", 300, True)
    assert (entered["id"], entered["label"], entered["isRequired"]) == ("field_why", "Why?", False)


def test_what_may_be_left_empty_says_so() -> None:
    assert drawn_input(field(optional=True))["label"] == "Why? (optional)"


def test_a_day_that_is_none_is_left_empty() -> None:
    assert "value" not in drawn_input(field("day", value=("next week",)))
    assert drawn_input(field("day", value=("2026-11-30",)))["value"] == "2026-11-30"


def test_few_options_stand_open_with_their_explanations() -> None:
    drawn = drawn_input(field("choice", options=options(10, "why"), value=("o3",)))
    assert (drawn["style"], drawn["value"]) == ("expanded", "o3")
    assert drawn["choices"][0] == {"title": "Choice 0: why", "value": "o0"}


def test_many_options_are_a_list_to_search_with_explanations_above() -> None:
    above = drawn_field(field("choice", options=options(11, "why")))
    assert said(above[0]) == "Choice 0: why"
    assert above[-1]["style"] == "filtered"
    assert above[-1]["choices"][0]["title"] == "Choice 0"


def test_several_choices_are_joined_and_only_those_offered_are_chosen() -> None:
    drawn = drawn_input(field("choices", options=options(3), value=("o0", "o2", "gone")))
    assert (drawn["isMultiSelect"], drawn["value"]) == (True, "o0,o2")


def test_a_choice_with_a_comma_in_it_is_refused_where_several_can_be_chosen() -> None:
    with pytest.raises(ValueError, match="comma"):
        render.dialog(
            Form(kind="k", title="t", parts=(field("choices", options=(Option(value="a,b", label="x"),)),))
        )


def test_a_choice_of_nothing_says_so() -> None:
    [said_instead] = drawn_field(field("choice"))
    assert said(said_instead) == "Why?: there is nothing to choose from."


def test_a_list_that_is_too_long_for_a_message_is_cut_and_says_so() -> None:
    button = Buttons(buttons=(Button(label="Open", verb="open", escalation="e1"),))
    drawn = body_of(*(part for n in range(200) for part in (strong(f"HF-{n}"), line("x" * 100), button)))
    assert said(drawn[-1]) == render.MORE_IN_CARD
    assert said(drawn[0]) == "HF-0"


def test_a_form_that_is_too_long_keeps_its_fields_and_buttons() -> None:
    agree = Buttons(buttons=(Button(label="Agree", verb="agree"),))
    drawn = content_of(dialog_of(*(Quote(words="é" * 3000) for _ in range(40)), field(), agree))
    assert [part["type"] for part in drawn["body"][-3:]] == ["Container", "RichTextBlock", "ActionSet"]
    assert said(drawn["body"][-2]) == render.MORE_IN_FORM
    assert drawn["body"][-3]["items"][0]["id"] == "field_why"


def test_a_card_of_nothing_shows_its_summary() -> None:
    assert [said(part) for part in body_of(summary="HF-1: closed")] == ["HF-1: closed"]


MARKUP = "*_~`<>&[]()!@#:|^-\\/{}$+=1. \n"
anything = st.text(
    st.sampled_from(MARKUP) | st.characters(exclude_categories=["Cs"]), min_size=0, max_size=60
)


@settings(max_examples=50, deadline=None)
@given(anything, anything)
def test_whatever_is_put_in_the_judge_passes_it(one: str, other: str) -> None:
    parts: tuple[CardPart, ...] = (
        Heading(text=one),
        Banner(text=one),
        line(one, DUE, other),
        strong(one),
        quiet(one, DUE),
        Facts(rows=(Fact(label=one, text=text(other, DUE)), Fact(label=one, text=text(other)))),
        Progress(at=1, of=4, words=text(one, DUE)),
        Buttons(buttons=(Button(label=one, verb="open", confirm=other), Button(label=one, verb="agree"))),
    )
    judge_message(render.message(Card(summary=one, parts=parts)))
    choice = (Option(value="a", label=one or "-", explanation=other), Option(value="b", label=other or "-"))
    fields = (
        field(label=one or "-", hint=other, value=(one,), error=other),
        field("choice", id="a", label="Which?", options=choice),
        field("choices", id="b", label="Which?", options=choice, optional=True),
    )
    judge_dialog(render.dialog(Form(kind="k", title=one, parts=(Quote(words=other), *parts, *fields))))


@settings(max_examples=100, deadline=None)
@given(anything)
def test_what_is_drawn_can_be_sent(words: str) -> None:
    json.dumps(render.message(Card(summary=words, parts=(line(words),))), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "words", ["Ben Osei (West London Trust) agreed · ", "O'Brien-Smith, Care & Health: "]
)
def test_ordinary_words_are_tame(words: str) -> None:
    assert tame(words)
