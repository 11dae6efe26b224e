"""The machine's floors: durable commits as raw as Python's own drivers let them be."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

BODY = b"x" * 600
"""About what the record keeps of a short note."""
TABLES = (
    "CREATE TABLE heads (stream TEXT PRIMARY KEY, version INTEGER)",
    "CREATE TABLE events (stream TEXT, sequence INTEGER, body {bytes}, PRIMARY KEY (stream, sequence))",
    "CREATE TABLE outbox (id {number} PRIMARY KEY, stream TEXT, key TEXT)",
    "CREATE TABLE answers (key TEXT PRIMARY KEY, answer {bytes})",
)
STREAMS = 32
Run = Callable[[str, tuple[Any, ...]], object]


def one_statement(run: Run, number: int, mark: str) -> None:
    insert_event = f"INSERT INTO events VALUES ({mark}, {mark}, {mark})"
    run(insert_event, (f"s{number % STREAMS}", number, BODY))


def four_statements(run: Run, number: int, mark: str) -> None:
    """What a note comes down to: its event, its stream's head, what is to be told, and the answer given."""
    stream = f"s{number % STREAMS}"
    one_statement(run, number, mark)
    run(f"UPDATE heads SET version = {mark} WHERE stream = {mark}", (number, stream))
    run(f"INSERT INTO outbox (stream, key) VALUES ({mark}, {mark})", (stream, f"line/{number}"))
    run(f"INSERT INTO answers VALUES ({mark}, {mark})", (f"k{number}", BODY[:200]))


Statements = Callable[[Run, int, str], None]


def sqlite_commits(path: Path, statements: Statements, commits: int) -> float:
    """Commits a second, one after another, each kept on the disk before the next is begun."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    _make(connection.execute, "BLOB", "INTEGER", "?")
    before = perf_counter()
    for number in range(commits):
        connection.execute("BEGIN IMMEDIATE")
        statements(connection.execute, number, "?")
        connection.execute("COMMIT")
    taken = perf_counter() - before
    connection.close()
    return commits / taken


def postgresql_commits(address: str, statements: Statements, commits: int, writers: int) -> float:
    """Commits a second of so many connections beside each other."""
    plain = address.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        _make(lambda words: connection.execute(words.encode()), "BYTEA", "SERIAL", "%s")
    numbers = itertools.count()

    def write(one: psycopg.Connection[Any]) -> None:
        while (number := next(numbers)) < commits:
            with one.transaction():
                statements(lambda words, values: one.execute(words.encode(), values), number, "%s")

    with _connected(plain, writers) as connections, ThreadPoolExecutor(writers) as threads:
        before = perf_counter()
        list(threads.map(write, connections))
        taken = perf_counter() - before
    return commits / taken


@contextmanager
def _connected(address: str, count: int) -> Iterator[list[psycopg.Connection[Any]]]:
    connections = [psycopg.connect(address, autocommit=True) for _ in range(count)]
    try:
        yield connections
    finally:
        for each in connections:
            each.close()


def _make(run: Callable[[str], object], bytes_type: str, number_type: str, mark: str) -> None:
    for words in TABLES:
        run(words.format(bytes=bytes_type, number=number_type))
    for number in range(STREAMS):
        run(f"INSERT INTO heads VALUES ('s{number}', 0)")
