"""Forms of several steps: what was typed so far is kept, and gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.cards.model import Form
from core.forms import FORMS
from core.forms.form import CASE
from storage import remembered
from storage.database import Reader, Transaction
from storage.remembered import Draft

LATER_STEPS = ("raise.scope", "raise.advice", "raise.tell", "raise.who")
CARRIED = "carried:"
"""Marks, in a draft, what the form carried beside what was typed."""
Values = Mapping[str, tuple[str, ...]]


def unfinished(reader: Reader, person: str) -> Draft | None:
    """The escalation that this person began last and did not raise."""
    found = [remembered.latest_draft(reader, person, kind) for kind in LATER_STEPS]
    drafts = sorted((draft for draft in found if draft), key=lambda draft: draft.saved_at)
    return drafts[-1] if drafts else None


def keep(
    transaction: Transaction, person: str, form_id: str, following: Form, values: Values, at: datetime
) -> None:
    """What was typed so far, sealed, before the next step is shown. `at`: UTC."""
    if FORMS[following.kind].keeps_nothing:
        remembered.forget_draft(transaction, form_id, person)
        return
    kept = {**values, **{CARRIED + key: (value,) for key, value in following.carry.items()}}
    case = following.carry.get(CASE, "") if FORMS[following.kind].needs else ""
    remembered.save_draft(transaction, Draft(form_id, person, following.kind, kept, at, case))


def parted(draft: Draft) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """What was typed, and what the form carried."""
    typed = {field: value for field, value in draft.values.items() if not field.startswith(CARRIED)}
    carried = {
        field.removeprefix(CARRIED): value[0] for field, value in draft.values.items() if field not in typed
    }
    return typed, carried
