"""What is drawn, and that typed words stay words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.desk import Desk
from adapters.web.parse import Posted
from adapters.web.render import Pages, Reader, View, day_words, posts, zone_of
from adapters.web.world import PageMessage, PageRoom
from core.cards.model import Button, Buttons, Card, Field, Form, Moment, Option, Quote, line, quiet, strong
from tests.adapters.web.fakes import DUE, MORNING, PEOPLE, case_card, thread_card

PAGES = Pages()
# What a browser changes by itself (line ends, control characters) is refused before it gets here.
TYPED = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=80
)
NASTY = st.sampled_from(
    [
        "<!channel>",
        "<@U1>",
        "*bold*",
        "&amp;",
        "[x](y)",
        "<script>alert(1)</script>",
        "\"'><b>",
        "{{ 7 * 7 }}",
        "{% x %}",
    ]
)


class Page(HTMLParser):
    """Reads a page back: tags with their attributes, and the text in each element of interest."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open[-1]] = self.inside.get(self._open[-1], "") + data

    def named(self, name: str) -> Iterator[dict[str, str | None]]:
        return (attributes for _, attributes in self.tags if attributes.get("name") == name)


def drawn(*, form: Form | None = None, messages: tuple[PageMessage, ...] = (), person: int = 0) -> str:
    desk = Desk()
    if form:
        desk.open(form, "a-token-of-some-length", in_room=True)
    view = View(
        PEOPLE[person],
        PEOPLE,
        PageRoom("web:page/room-asc", "Room"),
        posts(messages),
        (),
        "",
        0,
        desk,
        MORNING,
        0,
    )
    return PAGES.page(view)


def message(number: int, card: Card, thread: str = "") -> PageMessage:
    return PageMessage(f"m{number}", "web:page/room-asc", thread, card, MORNING, MORNING)


EMPTY_TAGS = [tag for tag, _ in Page(drawn(form=Form(kind="k", title="t", parts=(Quote(words="q"),)))).tags]


@given(st.one_of(TYPED, st.builds("{}{}{}".format, TYPED, NASTY, TYPED)))
def test_a_quote_shows_exactly_what_was_typed(words: str) -> None:
    page = Page(drawn(form=Form(kind="k", title="t", parts=(Quote(words=words),))))
    assert page.inside["blockquote"] == words
    assert [tag for tag, _ in page.tags] == EMPTY_TAGS


@given(st.one_of(TYPED, st.builds("{}{}{}".format, TYPED, NASTY, TYPED)))
def test_a_field_holds_exactly_what_was_typed(words: str) -> None:
    fields = (
        Field(id="long", label=words, entry="long", value=(words,), error=words, hint=words),
        Field(id="short", label="s", entry="short", value=(words,)),
        Field(
            id="pick", label="p", entry="choice", options=(Option(value=words, label=words),), value=(words,)
        ),
    )
    page = Page(drawn(form=Form(kind="k", title=words, parts=fields, submit="Send", carry={"x": words})))
    # A browser drops one line end after the tag: one is put there for it.
    assert page.inside["textarea"] == f"\n{words}"
    assert [field["value"] for field in page.named("field.short")] == [words]
    assert [(field["value"], "checked" in field) for field in page.named("field.pick")] == [(words, True)]
    assert [field["value"] for field in page.named("carry.x")] == [words]


@given(NASTY)
def test_a_card_draws_no_markup_from_its_words(words: str) -> None:
    button = Button(label=words, verb=words, escalation=words, object=words, confirm=words)
    card = Card(summary=words, parts=(line(words), Buttons(buttons=(button,))))
    page = Page(drawn(messages=(message(1, card),)))
    plain = Card(summary="s", parts=(line("s"), Buttons(buttons=(button.model_copy(update={"label": "s"}),))))
    assert [tag for tag, _ in page.tags] == [
        tag for tag, _ in Page(drawn(messages=(message(1, plain),))).tags
    ]
    assert [field["value"] for field in page.named("verb")] == [words]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


@pytest.mark.parametrize(
    ("zone", "words", "whole"),
    [
        ("Europe/London", "Mon 30 Nov, 17:00", "Monday 30 November 2026, 17:00 GMT"),
        ("America/New_York", "Mon 30 Nov, 12:00", "Monday 30 November 2026, 12:00 EST"),
        ("Asia/Kolkata", "Mon 30 Nov, 22:30", "Monday 30 November 2026, 22:30 IST"),
        ("Nowhere/Atall", "Mon 30 Nov, 17:00", "Monday 30 November 2026, 17:00 GMT"),
    ],
)
def test_a_moment_is_in_the_readers_own_zone(zone: str, words: str, whole: str) -> None:
    stamp = Reader("amira", zone_of(zone)).moment(Moment(at=DUE))
    assert (stamp.words, stamp.whole, stamp.machine) == (words, whole, "2026-11-30T17:00:00+00:00")


def test_summer_time_is_said() -> None:
    stamp = Reader("amira", zone_of("Europe/London")).stamp(datetime(2026, 7, 1, 16, 0, tzinfo=UTC), "time")
    assert (stamp.words, stamp.whole) == ("17:00", "Wednesday 1 July 2026, 17:00 BST")


def test_a_day_is_the_same_everywhere() -> None:
    assert day_words(date(2026, 12, 5)) == "Sat 5 Dec"


def test_newest_first_and_replies_under_their_message() -> None:
    card = case_card()
    shown = posts(
        [message(1, card), message(2, card), message(3, thread_card("a"), "m1"), message(4, card, "gone")]
    )
    assert [(post.message.id, [reply.id for reply in post.latest]) for post in shown] == [
        ("m4", []),
        ("m2", []),
        ("m1", ["m3"]),
    ]


def test_a_long_thread_folds_its_beginning() -> None:
    replies = [message(number, thread_card(str(number)), "m1") for number in range(2, 12)]
    (shown,) = posts([message(1, case_card()), *replies])
    assert (len(shown.earlier), len(shown.latest)) == (4, 6)
    assert "4 earlier" in drawn(messages=(message(1, case_card()), *replies))


def test_a_reply_changes_the_version_of_its_post() -> None:
    root, reply = message(1, case_card()), message(2, thread_card("a"), "m1")
    assert posts([root])[0].version != posts([root, reply])[0].version == posts([root, reply])[0].version


def test_a_wrong_field_is_tied_to_its_error_and_named_at_the_top() -> None:
    field = Field(
        id="by", label="By when?", entry="day", hint="Soon.", error="Give a day that is still to come."
    )
    page = drawn(form=Form(kind="k", title="t", parts=(field,), submit="Send"))
    (entry,) = Page(page).named("field.by")
    assert entry["aria-describedby"] == "field-by-hint field-by-error"
    assert entry["aria-invalid"] == "true"
    assert '<a href="#field-by">By when? Give a day that is still to come.</a>' in page
    assert "One thing needs another look" in page


def test_every_weight_of_line_is_drawn() -> None:
    weights = ("plain", "strong", "quiet")
    card = Card(summary="s", parts=(line("plain"), strong("strong"), quiet("quiet")))
    page = drawn(messages=(message(1, card),))
    assert all(f'<p class="line {weight}">{weight}</p>' in page for weight in weights)


def test_the_person_chosen_is_chosen_in_the_list() -> None:
    page = Page(drawn(person=2))
    assert [option["value"] for tag, option in page.tags if tag == "option" and "selected" in option] == [
        "ben"
    ]


def test_several_values_where_one_belongs_are_refused() -> None:
    posted = Posted((("words", "a"), ("words", "b")))
    with pytest.raises(Exception, match="missing"):
        posted.one("words")
