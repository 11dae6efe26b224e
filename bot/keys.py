"""The keys that wrap the records' keys: which are in use, and a new one in the place of all older ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from rich.progress import Progress

from bot import preparing
from bot.settings import Settings
from storage import keys
from storage.database import Database
from storage.sealing import Sealing

BATCH = 500


@dataclass(frozen=True)
class Use:
    """A key by its fingerprint: its place in ENCRYPTION_KEYS from 1, or 0 where it is lacking there."""

    fingerprint: str
    place: int
    records: int


@dataclass(frozen=True)
class Rotated:
    """`not_needed`: older keys that wrap nothing any more. `lacking`: how many records each key still wraps
    that ENCRYPTION_KEYS lacks.
    """

    newest: str
    wrapped: int
    not_needed: tuple[str, ...]
    lacking: Counter[str]


def in_use(settings: Settings) -> list[Use]:
    """Those of ENCRYPTION_KEYS, newest first, then those lacking there. Raises ConfigurationInvalid."""
    database = preparing.open_database(settings)
    try:
        counts = database.read_now(keys.counts)
    finally:
        database.close()
    ours = _fingerprints(settings)
    found = [Use(each, place, counts.pop(each, 0)) for place, each in enumerate(ours, start=1)]
    return found + [Use(each, 0, records) for each, records in counts.items()]


def rotate(settings: Settings, *, show_progress: bool) -> Rotated:
    """Wraps every stream's key with the newest, a batch a commit: stopped, it is gone on with by running it
    again. Servers may run meanwhile. Raises ConfigurationInvalid.
    """
    database = preparing.open_database(settings)
    try:
        newest, *older = _fingerprints(settings)
        wrapped, lacking = _wrapped(database, newest, show_progress=show_progress)
        counts = database.read_now(keys.counts)
    finally:
        database.close()
    return Rotated(newest, wrapped, tuple(each for each in older if each not in counts), lacking)


def _wrapped(database: Database, newest: str, *, show_progress: bool) -> tuple[int, Counter[str]]:
    counts = database.read_now(keys.counts)
    wrapped, lacking, last = 0, Counter[str](), ""
    with Progress(disable=not show_progress) as progress:
        task = progress.add_task("Wrapping keys", total=sum(counts.values()) - counts.get(newest, 0))
        while True:
            batch = database.write_now(partial(keys.wrap_anew, after=last, limit=BATCH))
            wrapped, last = wrapped + batch.wrapped, batch.last
            lacking += batch.unopened
            if not last:
                return wrapped, lacking
            progress.advance(task, batch.wrapped)


def _fingerprints(settings: Settings) -> tuple[str, ...]:
    return Sealing.from_text(settings.encryption_keys).fingerprints
