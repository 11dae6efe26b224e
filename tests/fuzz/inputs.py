"""How many inputs, within which time, and what they are made of."""

from __future__ import annotations

import copy
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.soak import SOAKING, times

HANGS = 20
"""Seconds for one input. Nothing takes a hundredth of it: it tells a hang from a busy machine."""


class Hung(BaseException):
    """Not an Exception, so that nothing takes it for a mistake in the input."""


def inputs(share: int, whole: int) -> settings:
    """`share` inputs in every run, always the same; `whole` others in `make soak`."""
    return settings(
        max_examples=times(share, whole),
        deadline=None,
        database=None,
        derandomize=not SOAKING,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def in_time() -> Iterator[None]:
    def hung(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


ODD_WORDS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\u202e",
    "\ufeff",
    "\u2028",
    "\x85",
    "\u0661\u0662",
    "\u00b2",
    "\u2167",
    "\U0001f469\u200d\U0001f52c",
    "e\u0301" * 50,
    "\r\n",
    "\t",
    "'",
    '"',
    "`",
    "%s%n",
    "{0}",
    "{{7*7}}",
    "${x}",
    "../../etc/passwd",
    "<script>",
    "&amp;",
    "<!channel>",
    "<at>x</at>",
    "<" * 2000,
    "a" * 5000,
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "0x10",
    "null",
    "true",
    ";DROP TABLE events;--",
    "=1+1",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
)
ODD_VALUES: tuple[Any, ...] = (
    *ODD_WORDS,
    None,
    True,
    False,
    0,
    -1,
    7,
    2**63,
    10**40,
    -(10**40),
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"type": "x"},
    [{}] * 50,
)


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value] if levels % 2 else {"data": value}
    return value


seeds = st.integers(0, 2**48)
"""A mutation is made from a number, so that it costs next to nothing and can be made again."""


def mutated(base: Any, seed: int, fragments: Sequence[Any] = ()) -> Any:
    """`base`, a payload as it was recorded, with one to four things in it changed."""
    chance, value = random.Random(seed), copy.deepcopy(base)
    for _ in range(chance.choice((1, 1, 2, 4))):
        value = _changed(value, chance, (*fragments, *ODD_VALUES))
    return value


def _changed(value: Any, chance: random.Random, odd: Sequence[Any]) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        return _in_object(value, key, chance, odd)
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        value[place] = _changed(value[place], chance, odd)
        return value * chance.choice((1, 1, 1, 3))
    if isinstance(value, str) and value and chance.random() < 0.5:
        return words_changed(value, chance)
    return deep(chance.choice((5, 61, 200))) if chance.random() < 0.03 else copy.deepcopy(chance.choice(odd))


def _in_object(value: dict[str, Any], key: str, chance: random.Random, odd: Sequence[Any]) -> dict[str, Any]:
    what = chance.random()
    if what < 0.1:
        del value[key]
    elif what < 0.15:
        value[str(chance.choice(ODD_WORDS))] = value[key]
    elif what < 0.2:
        value[key] = [value[key]]
    else:
        value[key] = _changed(value[key], chance, odd)
    return value


def words_changed(words: str, chance: random.Random) -> str:
    """Something put in, left out, said twice or turned round."""
    place, end = sorted((chance.randrange(len(words) + 1), chance.randrange(len(words) + 1)))
    changes: tuple[Callable[[], str], ...] = (
        lambda: words[:place] + str(chance.choice(ODD_WORDS)) + words[place:],
        lambda: words[:place] + words[end:],
        lambda: words[:end] + words[place:],
        lambda: words[:place] + words[place:end].swapcase() + words[end:],
        lambda: words[:place] + chr(chance.randrange(0x11000)) + words[place + 1 :],
        lambda: words[::-1],
    )
    return chance.choice(changes)()


def bytes_changed(raw: bytes, chance: random.Random) -> bytes:
    place, end = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
    changes = (
        raw[:place] + chance.randbytes(chance.choice((1, 2, 8))) + raw[place:],
        raw[:place] + raw[end:],
        raw[:place],
        raw[:end] + raw[place:],
        raw[:place] + b"\xff\xfe\x00" + raw[end:],
    )
    return chance.choice(changes)


def lines_changed(text: str, seed: int, fragments: Sequence[str]) -> str:
    """A file that somebody wrote, with one to six of its lines changed."""
    chance, lines = random.Random(seed), text.split("\n")
    for _ in range(chance.choice((1, 1, 2, 6))):
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[place : place + 1] = _for_a_line(lines[place], lines[other], chance, fragments)
        lines = lines or [""]
    return "\n".join(lines)


def _for_a_line(line: str, other: str, chance: random.Random, fragments: Sequence[str]) -> list[str]:
    key = line.partition(":")[0]
    changes: tuple[Callable[[], list[str]], ...] = (
        lambda: [words_changed(line, chance)],
        lambda: [words_changed(line, chance)],
        lambda: [f"{key}: {chance.choice(fragments)}"],
        lambda: [f"{key}: {chance.choice(ODD_WORDS)}"],
        lambda: [" " * chance.randrange(9) + line.lstrip()],
        lambda: [line, chance.choice(fragments)],
        lambda: [line, line],
        lambda: [other],
        list,
    )
    return chance.choice(changes)()
