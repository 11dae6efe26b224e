"""Cards' texts as plain words, where a moment can't be drawn for each reader: a field's error, a record."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from core.cards.model import Day, Moment, Piece, Say, Text

LOCALE = "en_GB"
ENGLAND = ZoneInfo("Europe/London")
DAY, DAY_TIME, DAY_OF_YEAR = "EEE d MMM", "EEE d MMM, HH:mm", "EEE d MMM y"


def plain(text: Text, zone: ZoneInfo) -> str:
    """The words, with moments as they are in `zone`: "by Mon 30 Nov, 17:00"."""
    return "".join(_plain_piece(piece, zone) for piece in text)


def _plain_piece(piece: Piece, zone: ZoneInfo) -> str:
    if isinstance(piece, Moment):
        if piece.style == "time":
            return format_time(piece.at, "HH:mm", tzinfo=zone, locale=LOCALE)
        pattern = DAY if piece.style == "day" else DAY_TIME
        return format_datetime(piece.at, pattern, tzinfo=zone, locale=LOCALE)
    if isinstance(piece, Say):
        return piece.words
    return format_date(piece.on, DAY, locale=LOCALE) if isinstance(piece, Day) else piece


def day_in_england(at: datetime) -> str:
    """The day of a moment that may lie years away: "Mon 30 Nov 2026"."""
    return day_words(Day(on=at.astimezone(ENGLAND).date()))


def dated(text: Text, zone: ZoneInfo) -> str:
    """`plain`, for what is read years later: "30 November 2026, 17:00"."""
    return "".join(_dated_piece(piece, zone) for piece in text)


def _dated_piece(piece: Piece, zone: ZoneInfo) -> str:
    if isinstance(piece, Moment):
        return format_datetime(piece.at, "d MMMM y, HH:mm", tzinfo=zone, locale=LOCALE)
    if isinstance(piece, Day):
        return format_date(piece.on, "d MMMM y", locale=LOCALE)
    return _plain_piece(piece, zone)


def day_words(day: Day) -> str:
    """ "Mon 30 Nov 2026"."""
    return format_date(day.on, DAY_OF_YEAR, locale=LOCALE)
