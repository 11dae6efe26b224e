"""Reading YAML that people wrote into models, remembering the line on which each thing stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent

from core.conversation import storable
from core.problems import FileProblem, Problem

Path: TypeAlias = tuple[str | int, ...]
Finding: TypeAlias = tuple[Path, str]
"""Where something is wrong, and the sentence about it."""

_LARGEST_FILE = 5_000_000
_DEEPEST = 20
_TEXT_EXPECTED = "This must be text. If it looks like a number, a date, or yes or no, put it in quotes."
_NOT_KEPT = "There is a character here that can't be kept. Write it without that."
_SENTENCES = {
    "missing": "This is missing.",
    "extra_forbidden": "This is not a key that we know here. Check its spelling, or take it out.",
    "string_type": _TEXT_EXPECTED,
    "string_too_short": "This can't be empty.",
    "too_short": "There must be at least one here.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "finite_number": "This must be a number.",
    "tuple_type": 'This must be a list: one item a line, each after "- ".',
    "list_type": 'This must be a list: one item a line, each after "- ".',
    "model_type": "This must have keys of its own beneath it.",
    "dict_type": "This must have keys of its own beneath it.",
    "date_type": "This must be a date like 2026-12-01.",
    "date_parsing": "This must be a date like 2026-12-01.",
    "date_from_datetime_parsing": "This must be a date like 2026-12-01.",
    "date_from_datetime_inexact": "This must be a date like 2026-12-01, without a time.",
}


class FileModel(BaseModel):
    """A part of a file: frozen, and a key that isn't known is refused rather than passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


Model = TypeVar("Model", bound=FileModel)


@dataclass(frozen=True)
class Located:
    """What a file says as plain data, and the line (from 1) on which each part of it begins."""

    source: str
    value: Any
    lines: dict[Path, int]

    def problem(self, path: Path, sentence: str) -> Problem:
        """At that path or, where the file has nothing there, at the nearest thing around it."""
        known = next((path[:end] for end in range(len(path), -1, -1) if path[:end] in self.lines), ())
        return Problem(self.source, self.lines.get(known, 0), self.name(path), sentence)

    def name(self, path: Path) -> str:
        """Like "stages[stage-1].clocks[resolve].window": items by their key or id, else counted from 1."""
        name, value = "", self.value
        for part in path:
            value = _inside(value, part)
            name += f"[{_item_name(value, part)}]" if isinstance(part, int) else f".{part}" if name else part
        return name


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _item_name(item: Any, index: int) -> str:
    named = item.get("key", item.get("id")) if isinstance(item, dict) else None
    return named if isinstance(named, str) else str(index + 1)


def read_yaml(text: str, source: str) -> Located:
    """Plain data with lines. Raises FileProblem for what isn't YAML, a key written twice, and aliases."""
    if len(text) > _LARGEST_FILE:
        raise FileProblem(
            [Problem(source, 0, "", "This file is too large. Split it, or take out what isn't needed.")]
        )
    try:
        _check_parts(text, source)
        parsed = YAML(typ="rt", pure=True).load(text)
    except DuplicateKeyError as error:
        raise _unreadable(source, error, "This key is written twice. Keep one of them.") from error
    except MarkedYAMLError as error:
        raise _unreadable(source, error, f"This is not YAML that we can read: {error.problem}.") from error
    except FileProblem:
        raise
    except Exception as error:  # the library has many for what it doesn't know
        raise _unreadable(source, None, "This is not YAML that we can read.") from error
    if not isinstance(parsed, CommentedMap):
        raise FileProblem([Problem(source, 1, "", 'This file must begin with keys, like "board:".')])
    lines: dict[Path, int] = {(): 1}
    return Located(source, _plain(parsed, (), lines), lines)


def _check_parts(text: str, source: str) -> None:
    """Before anything is put together, what is small to write and large to read is refused."""
    depth = 0
    for event in YAML(typ="rt", pure=True).parse(text):
        if getattr(event, "anchor", None) is not None:
            sentence = "Aliases (& and *) aren't read here. Write it out."
            raise FileProblem([Problem(source, event.start_mark.line + 1, "", sentence)])
        value = getattr(event, "value", None) or ""
        if value != storable(value):
            raise FileProblem([Problem(source, event.start_mark.line + 1, "", _NOT_KEPT)])
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            sentence = "This is not YAML that we can read: too many things in one another."
            raise FileProblem([Problem(source, event.start_mark.line + 1, "", sentence)])


def _unreadable(source: str, error: MarkedYAMLError | None, sentence: str) -> FileProblem:
    mark = (error.problem_mark or error.context_mark) if error else None
    return FileProblem([Problem(source, mark.line + 1 if mark else 0, "", sentence)])


def _plain(value: Any, path: Path, lines: dict[Path, int]) -> Any:
    if isinstance(value, CommentedSeq):
        return [_plain(item, _at(path, i, value.lc.item(i), lines), lines) for i, item in enumerate(value)]
    if isinstance(value, CommentedMap):
        return {
            str(key): _plain(item, _at(path, str(key), value.lc.data.get(key), lines), lines)
            for key, item in value.items()
        }
    return _plain_scalar(value)


def _at(path: Path, part: str | int, position: Any, lines: dict[Path, int]) -> Path:
    lines[(*path, part)] = position[0] + 1 if position else lines[path]
    return (*path, part)


def _plain_scalar(value: Any) -> Any:
    """The library's own kinds of text and number, as Python's."""
    for kind in (bool, str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value if value is None or isinstance(value, date) else str(value)


def fill(model: type[Model], located: Located) -> Model:
    """The file as a model. Raises FileProblem with everything that doesn't fit."""
    try:
        return model.model_validate(located.value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise FileProblem(
            located.problem(one["loc"], _sentence(one["type"], one["msg"], one.get("ctx", {})))
            for one in found
            if not _follows_from_another(one["loc"], one["type"], [other["loc"] for other in found])
        ) from error


def _follows_from_another(path: Path, kind: str, all_paths: list[Path]) -> bool:
    """A list whose only item is wrong counts as empty as well: that need not be said twice."""
    return kind == "too_short" and any(other[: len(path)] == path and other != path for other in all_paths)


def _sentence(kind: str, message: str, context: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"Use one of these: {context['expected']}."
    return _SENTENCES.get(kind, f"{message}.")


def repeated(path: Path, values: Iterable[str], what: str) -> list[Finding]:
    """A finding for each value that an earlier item of the list at `path` has already."""
    seen: set[str] = set()
    findings: list[Finding] = []
    for index, value in enumerate(values):
        if value in seen:
            findings.append(((*path, index), f'The {what} "{value}" is used twice. Each needs its own.'))
        seen.add(value)
    return findings
