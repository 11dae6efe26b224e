"""What every form is drawn from and read with.

A form never decides: it draws, and turns answers into a command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.access import Ability
from core.cards.model import Field, Form, FormPart, Option, Quote, line, strong
from core.commands import LONGEST, Command
from core.directory import Directory, Person
from core.escalation import Escalation
from core.events import Recorded
from core.notices import Unsent
from core.pathway import Pathway
from core.refusals import Refusal

Carry = Mapping[str, str]
MAX_WORDS = LONGEST
FORM_ID, CASE, OBJECT, ROOM = "form_id", "case", "object", "room"
ACCOUNT, OFFERED, USE_OFFERED = "account", "offered", "use_offered"
"""The fields of an account of what happened, of words that are offered for it, and of leave to use them."""
KEPT = "kept"
"""The kind of a form that shows what was typed in vain, and why: it can't be opened again."""


class FieldsRefused(Refusal):
    """Please look at the marked answers again."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__()
        self.errors = dict(errors)


@dataclass(frozen=True)
class Desk:
    """What a form may be drawn from: who looks, the case with its whole record, and the board's files.

    `case` is an empty escalation where the form is about none. `now` is UTC. What most forms don't need is
    read when it is asked for: `record`, the entries, of which there may be hundreds; `look_unsent`, what of
    the case was given up, or has been waiting for long.
    """

    viewer: Person
    case: Escalation
    record: Callable[[], tuple[Recorded, ...]]
    pathway: Pathway
    directory: Directory
    now: datetime
    look_unsent: Callable[[], tuple[Unsent, ...]] = tuple

    @property
    def unsent(self) -> tuple[Unsent, ...]:
        return self.look_unsent()

    @property
    def entries(self) -> tuple[Recorded, ...]:
        return self.record()


def number(carry: Carry, key: str) -> int:
    """A number from 1 on that a form carried; 1 where it isn't one."""
    value = carry.get(key, "")
    return max(int(value), 1) if value.isdecimal() and len(value) < 6 else 1


class Answers:
    """What was entered, by field. Several values only where a field takes several."""

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self.values = dict(values)

    def many(self, field: str) -> tuple[str, ...]:
        return tuple(value for value in self.values.get(field, ()) if value.strip())

    def one(self, field: str) -> str:
        found = self.many(field)
        return found[0].strip() if found else ""

    def yes(self, field: str) -> bool:
        return self.one(field) == "yes"

    def day(self, field: str) -> date | None:
        """Raises FieldsRefused where it isn't a day."""
        value = self.one(field)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise FieldsRefused({field: "Write the day like 2026-11-30."}) from None


Draw = Callable[[Desk, Carry, Answers], Form]
Read = Callable[[Desk, Carry, Answers], Command | Form]


@dataclass(frozen=True)
class FormKind:
    """A form: how it is drawn, and what its answers mean (None: it is only read).

    `needs`: what somebody must be able to do with the case to see it; None for forms about no case.
    `keeps_draft`: each step is kept sealed until it is sent; nothing typed is lost. `while_open`: nobody is
    asked to fill it in once an outcome is agreed.
    `keeps_draft`: each step is kept sealed until it is sent, so nothing typed is lost. `keeps_nothing`: when
    it is shown, what earlier steps kept is forgotten.
    """

    draw: Draw
    read: Read | None = None
    needs: Ability | None = None
    keeps_draft: bool = False
    while_open: bool = False
    keeps_nothing: bool = False


def filled_in(form: Form, values: Mapping[str, tuple[str, ...]], errors: Mapping[str, str]) -> Form:
    """The form with what was typed kept, and each error beside its field; one of no field stands first."""
    known = {field.id for field in form.fields()}
    parts: list[FormPart] = []
    for part in form.parts:
        if isinstance(part, Field):
            value = values.get(part.id, part.value)
            parts.append(part.model_copy(update={"value": value, "error": errors.get(part.id, "")}))
        else:
            parts.append(part)
    stray = [sentence for field, sentence in errors.items() if field not in known]
    if stray and not known:
        parts.insert(0, strong(*stray))
    elif stray:
        first = next(index for index, part in enumerate(parts) if isinstance(part, Field))
        field = parts[first]
        assert isinstance(field, Field)
        parts[first] = field.model_copy(update={"error": " ".join([*stray, field.error]).strip()})
    return form.model_copy(update={"parts": tuple(parts)})


def with_words(form: Form, words: str) -> Form:
    """The form with `words` in the first of its fields that takes long ones, to be edited."""
    field = next((each for each in form.fields() if each.entry == "long"), None)
    if field is None or not words.strip():
        return form
    return filled_in(form, {field.id: (words.strip()[: field.max_length],)}, {})


def as_agreed(values: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Words that were offered become the account where whoever sends the form says so; else they are gone."""
    kept = {key: value for key, value in values.items() if key not in {OFFERED, USE_OFFERED}}
    if values.get(USE_OFFERED) == ("yes",) and values.get(OFFERED):
        kept[ACCOUNT] = values[OFFERED]
    return kept


def kept_words(refusal: Refusal, values: Mapping[str, tuple[str, ...]]) -> Form | None:
    """What was typed into a form that can't be drawn any more, to copy; None where there were no words."""
    typed = [value for many in values.values() for value in many if " " in value.strip()]
    if not typed:
        return None
    note = line("It was not saved. This is what you wrote, to copy:")
    quotes = (Quote(words=words) for words in typed)
    return Form(kind=KEPT, title="Not saved", parts=(strong(*refusal.text), note, *quotes))


def missing(form: Form, answers: Answers) -> dict[str, str]:
    """An error for each field that is empty and must not be, too long, or holds no listed choice."""
    errors = {}
    for field in form.fields():
        values = answers.many(field.id)
        options = {option.value for option in field.options}
        if not values and not field.optional:
            errors[field.id] = "Choose one of these." if field.options else "Please fill this in."
        elif any(len(value) > field.max_length for value in values):
            errors[field.id] = f"This is too long: at most {field.max_length} characters. Please shorten it."
        elif options and not options.issuperset(values):
            errors[field.id] = "That choice isn't in the list any more. Please choose again."
    return errors


def yes_no(id: str, label: str, *, yes: str = "Yes", no: str = "No", value: str = "") -> Field:
    options = (Option(value="yes", label=yes), Option(value="no", label=no))
    return Field(id=id, label=label, entry="choice", options=options, value=(value,) if value else ())


def words(id: str, label: str, hint: str = "", *, optional: bool = False, value: str = "") -> Field:
    return Field(
        id=id,
        label=label,
        entry="long",
        hint=hint,
        optional=optional,
        max_length=MAX_WORDS,
        value=(value,) if value else (),
    )


def short(id: str, label: str, hint: str = "", *, optional: bool = False, value: str = "") -> Field:
    return Field(
        id=id,
        label=label,
        entry="short",
        hint=hint,
        optional=optional,
        max_length=150,
        value=(value,) if value else (),
    )
