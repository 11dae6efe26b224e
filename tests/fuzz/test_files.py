"""The files that a board hands in: each is taken, or refused with the lines that are wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import DEMONSTRATION_DIRECTORY, SHIPPED_PATHWAY
from core.directory import Directory, read_directory
from core.directory_csv import COLUMNS
from core.pathway import read_pathway
from core.problems import FileProblem
from core.reading import read_yaml
from tests.bot.made import DIRECTORY
from tests.fuzz.inputs import ODD_WORDS, in_time, inputs, lines_changed, seeds, words_changed

pytestmark = pytest.mark.soak

YAML = (
    "&a [*a, *a]",
    "*a",
    "<<: *a",
    "!!python/object/apply:os.system ['true']",
    "!!binary x",
    "!!timestamp 2026-01-01",
    "? complex\n: key",
    "- - - -",
    "{a: {b: {c: [",
    "|2\n x",
    ">-",
    "'unended",
    '"\\x00\\ud800"',
    "%YAML 9.9",
    "---",
    "...",
    "# a comment",
    "\tkey: x",
    "yes",
    "~",
    "1_000",
    "0b1",
    "2026-12-01T25:00:00Z",
    ".inf",
    "[" * 30,
    "key: key: key",
    "{}",
    "[]",
    "[1, 2]",
    "5 working days",
    "1 working week",
    "roles: [line_manager, sab_member]",
    "cover: {by: ben, from: 2026-12-01, until: 2026-11-01}",
    'accounts: ["slack:T0001/UAMIRA"]',
    "email: amira@example.org",
    "time_zone: Europe/Nowhere",
    'working_hours: "Mon-Fri 25:00-17:00"',
)
PATHWAY, DEMONSTRATION = SHIPPED_PATHWAY.read_text(), DEMONSTRATION_DIRECTORY.read_text()
CSV = "\n".join(
    [
        ",".join(COLUMNS),
        "riverbank,Riverbank,local_authority,amira,Amira,a@example.org,,dara,slack:T1/U1;teams:T2/A,",
        "riverbank,Riverbank,local_authority,dara,Dara Invented,,line_manager;sab_member,,,020 7946 0000",
        'northmoor,"Northmoor, Trust",nhs_trust,ben,"Ben ""B"" Invented",,,,,',
    ]
)
CELLS = ('"', '""', '"unended', ",", ",,,,,,,,,,,,", ";", "\r", "agency", "=cmd()", "'", "\t", "\ufeff")


def refused_in_words(read: Callable[[], object]) -> bool:
    """Whether it was refused: then with at least one line, and each says where and what."""
    with in_time():
        try:
            read()
        except FileProblem as refused:
            assert refused.problems
            for problem in refused.problems:
                assert problem.sentence.strip()
                assert str(problem).encode("utf-8", "replace")
            return True
    return False


@given(seeds)
@inputs(150, 4_000)
def test_a_pathway_file_is_read_or_refused_by_its_lines(seed: int) -> None:
    text = lines_changed(PATHWAY, seed, YAML)
    refused_in_words(lambda: read_pathway(text, "pathway.yaml"))


def imported(text: str, fmt: str) -> None:
    """Read, and taken over into a directory, twice: the second time changes nothing."""
    numbers = iter(range(10_000))
    file = read_directory(text, f"directory.{fmt}", "csv" if fmt == "csv" else "yaml")
    directory = Directory()
    changes = directory.changes(file, lambda: f"p{next(numbers)}")
    directory = directory.evolve_all(changes)
    assert not directory.changes(file, lambda: f"p{next(numbers)}")


@given(seeds, st.sampled_from([DIRECTORY, DIRECTORY, DEMONSTRATION]))
@inputs(300, 8_000)
def test_a_directory_in_yaml_is_imported_or_refused_by_its_lines(seed: int, whole: str) -> None:
    text = lines_changed(whole, seed, YAML)
    refused_in_words(lambda: imported(text, "yaml"))


@given(seeds)
@inputs(400, 10_000)
def test_a_directory_in_csv_is_imported_or_refused_by_its_lines(seed: int) -> None:
    chance, text = random.Random(seed), lines_changed(CSV, seed, CELLS)
    for _ in range(chance.choice((0, 1, 3))):
        text = words_changed(text, chance) or CSV
    refused_in_words(lambda: imported(text, "csv"))


SCRAPS = st.lists(
    st.one_of(
        st.sampled_from([*YAML, *ODD_WORDS, "\n", "\n  ", "\n- ", ": ", "a", "b: ", "[", "]", "{", "}", ","]),
        st.text(max_size=6),
    ),
    max_size=25,
).map("".join)


@given(SCRAPS)
@inputs(500, 12_000)
def test_any_text_at_all_is_yaml_or_is_not(text: str) -> None:
    refused_in_words(lambda: read_yaml(text, "x.yaml"))
    refused_in_words(lambda: read_directory(text, "x.csv", "csv"))


MEGABYTE = 1024 * 1024
BOMBS = {
    "aliases of aliases": "a: &a [x]\n"
    + "\n".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    ),
    "an alias of itself": "a: &a\n  b: *a",
    "merges of merges": "a: &a {x: 1}\n" + "\n".join(f"k{n}: &k{n} {{<<: [*a, *a]}}" for n in range(2000)),
    "one line of a megabyte": "a: " + "x" * MEGABYTE,
    "a key of a megabyte": "x" * MEGABYTE + ": a",
    "a comment of a megabyte": "#" * MEGABYTE,
    "a megabyte of brackets": "a: " + "[" * MEGABYTE,
    "a megabyte of spaces": " " * MEGABYTE + "a: b",
    "a megabyte of quotes": "a: '" + "''" * (MEGABYTE // 2),
    "a number of many digits": "a: " + "9" * 200_000,
    "a number in base sixty": "a: 1" + ":59" * 20_000,
    "deep by indentation": "\n".join(" " * depth + "a:" for depth in range(600)),
    "deep by dashes": "- " * 2000,
    "brackets with words between": "a: " + "[x, " * 20_000,
    "too much of everything": "a: b\n" * (2 * MEGABYTE),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_at_once(text: str) -> None:
    assert refused_in_words(lambda: read_pathway(text, "bomb.yaml"))
    assert refused_in_words(lambda: read_directory(text, "bomb.csv", "csv"))


def test_many_files_are_taken_so_the_changes_are_not_all_too_much() -> None:
    texts = [lines_changed(DEMONSTRATION, seed, YAML) for seed in range(60)]
    taken = [text for text in texts if not refused_in_words(partial(imported, text, "yaml"))]
    assert len(taken) >= 3
