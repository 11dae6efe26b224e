"""What has not arrived, for whoever runs the bot: lines to read, and sending again what failed.

It works beside a running server. Nothing here shows whom a case is about, nor what anybody wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.progress import track

from bot.addressing import Addressing
from bot.board import DirectoryBook, Pathways
from bot.cases import Cases
from bot.clock import clock_of
from bot.people import People
from core.commands import SendAgain
from core.notices import what
from core.pathway import Pathway
from storage import outbox, outbox_list
from storage.database import Database, Reader, StreamUnknown, Transaction
from storage.outbox_list import ListedNotice

STATES = {outbox.FAILED: "failed", outbox.SENDING: "being sent", outbox.WAITING: "waiting"}
HEADINGS = ("ID", "CASE", "STATE", "SINCE (UTC)", "TRIES", "NEXT TRY (UTC)", "TO", "WHAT", "WHY")
ALL = 1_000_000_000


@dataclass(frozen=True)
class Chosen:
    """What is to be sent again, and a line for each number that can't be."""

    failed: list[ListedNotice]
    wrong: list[str]


def lines(database: Database, *, only_failed: bool, most: int) -> list[str]:
    """How many there are, then one line each; or one line that says that there is nothing."""

    def read(reader: Reader) -> tuple[dict[str, int], list[ListedNotice]]:
        states = [outbox.FAILED] if only_failed else list(STATES)
        return outbox.counts(reader), outbox_list.listed(reader, states, most)

    counts, notices = database.read_now(read)
    if not notices:
        return ["Nothing failed." if only_failed else "Nothing waits, and nothing failed."]
    found = [", ".join(f"{counts[state]} {words}" for state, words in STATES.items())]
    found += _in_columns([HEADINGS, *(_row(notice) for notice in notices)])
    total = counts[outbox.FAILED] if only_failed else sum(counts.values())
    if total > len(notices):
        found.append(f"... and {total - len(notices)} more. --most shows them.")
    return found


def _row(notice: ListedNotice) -> tuple[str, ...]:
    return (
        str(notice.id),
        notice.reference,
        STATES[notice.state],
        _minute(notice.since),
        str(notice.attempts),
        _minute(notice.next_try_at) if notice.state == outbox.WAITING else "-",
        f"person {notice.to}" if notice.to_person else f"room of side {notice.to}",
        what(notice.kind, notice.topic),
        "".join(letter if letter.isprintable() else "?" for letter in notice.why) or "-",
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _in_columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def choose(database: Database, numbers: Sequence[int] | None) -> Chosen:
    """`numbers`: None for everything that failed."""
    if numbers is None:
        return Chosen(database.read_now(lambda reader: outbox_list.listed(reader, [outbox.FAILED], ALL)), [])
    known = {notice.id: notice for notice in database.read_now(lambda r: outbox_list.of_numbers(r, numbers))}
    wrong = [_why_not(number, known.get(number)) for number in dict.fromkeys(numbers)]
    return Chosen(list(known.values()), [line for line in wrong if line])


def _why_not(number: int, notice: ListedNotice | None) -> str:
    if notice is None:
        return f"{number}: nothing of that number is still to be sent. See: python -m bot outbox"
    if notice.state != outbox.FAILED:
        return f"{number}: this did not fail, it is {STATES[notice.state]}."
    return ""


def send_again(
    database: Database, pathway: Pathway, chosen: Sequence[ListedNotice], *, show_progress: bool
) -> int:
    """One transaction for each person or room of a case, in which its record says so. Returns how many wait
    again: not what a server has taken up meanwhile, nor what is of a case whose key was destroyed.
    """
    cases, clock = Cases(Pathways(pathway), DirectoryBook(), Addressing(People([]), {})), clock_of(database)
    groups: dict[tuple[str, str], list[int]] = {}
    for notice in chosen:
        groups.setdefault((notice.stream_id, notice.to), []).append(notice.id)
    again = 0
    steps = track(
        groups.items(),
        description="Sending again",
        console=Console(stderr=True),
        disable=not show_progress,
    )
    for (stream, to), numbers in steps:
        again += _one(database, cases, clock.now(), stream, SendAgain(to, tuple(numbers)))
    return again


def _one(database: Database, cases: Cases, now: datetime, stream: str, command: SendAgain) -> int:
    def work(transaction: Transaction) -> int:
        notices = outbox_list.of_numbers(transaction, command.only)
        failed = sum(notice.state == outbox.FAILED for notice in notices)
        if failed:
            state = cases.load(transaction, stream)
            cases.execute(transaction, state, command, None, now, cases.directory.current(transaction))
        return failed

    try:
        return database.write_now(work)
    except StreamUnknown:
        return 0
