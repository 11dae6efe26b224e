"""What of a case did not arrive, as its form shows it: what, to whom, what was done about it, what next."""

from __future__ import annotations

from collections.abc import Iterable

from core.access import Ability, may, may_be_offered
from core.cards.model import Button, Buttons, FormPart, Heading, Moment, line, quiet, strong
from core.cards.phrases import names
from core.events import DeliveryFailed
from core.forms.form import Desk
from core.notices import Unsent, what

MOST_SHOWN = 3
"""A case where nothing arrives at all still fits on a form; its first few say enough."""


def undelivered_parts(desk: Desk) -> list[FormPart]:
    """Nothing, where everything arrived. What is given up is shown until it is sent again, or until that
    person has done something in the case: then they have seen it.
    """
    unsent = desk.unsent
    failed = _by_addressee(u for u in unsent if u.failed and _to(u) in desk.case.undelivered)
    waiting = _by_addressee(u for u in unsent if not u.failed)
    if not failed and not waiting:
        return []
    parts: list[FormPart] = [Heading(text="Not delivered")]
    for to, notices in list(failed.items())[:MOST_SHOWN]:
        parts += _given_up(desk, to, notices)
    for notices in list(waiting.values())[:MOST_SHOWN]:
        whom = _whom(desk, notices[0])
        words = f": {_list(notices)}. Escalate keeps trying."
        parts.append(line(f"On its way to {whom} since ", _since(notices), words))
    left = sum(max(0, len(found) - MOST_SHOWN) for found in (failed, waiting))
    return [*parts, quiet(f"And {left} more.")] if left else parts


def _given_up(desk: Desk, to: str, notices: list[Unsent]) -> list[FormPart]:
    first = notices[0]
    parts: list[FormPart] = [
        strong(f"Not delivered to {_whom(desk, first)}: {_list(notices)}."),
        quiet("Since ", _since(notices), f". {_done_about_it(desk, first)}"),
    ]
    if may(desk.case, desk.viewer.id, Ability.CONTRIBUTE):
        buttons = [Button(label="Send again", verb="send_again", escalation=desk.case.id, object=to)]
        if first.person and desk.case.status != "closed":
            buttons.append(Button(label="Record an attempt", verb="contact", escalation=desk.case.id))
        parts.append(Buttons(buttons=tuple(buttons)))
    return parts


def _done_about_it(desk: Desk, notice: Unsent) -> str:
    if notice.side:
        return "The people of that side get the card by direct message."
    failures = [entry.event for entry in desk.entries if isinstance(entry.event, DeliveryFailed)]
    told = [failure for failure in failures if failure.person == notice.person and failure.manager][-1:]
    managers = "".join(_manager_told(desk, failure) for failure in told)
    return f"{managers}Please tell them another way, by phone if you can."


def _manager_told(desk: Desk, failure: DeliveryFailed) -> str:
    """By name to whoever may be offered it: a manager need not take part."""
    manager = desk.directory.person(failure.manager)
    if manager is None or not may_be_offered(desk.case, desk.viewer, manager):
        return "Their line manager was told. "
    return f"{failure.manager_name} was told as their line manager. "


def _whom(desk: Desk, notice: Unsent) -> str:
    if notice.side:
        return f"the channel of {desk.case.sides[notice.side].agency_name}"
    known = desk.directory.person(notice.person)
    return known.name if known else "somebody"


def _since(notices: list[Unsent]) -> Moment:
    return Moment(at=min(notice.since for notice in notices))


def _list(notices: list[Unsent]) -> str:
    return names(list(dict.fromkeys(what(notice.kind, notice.topic) for notice in notices)))


def _to(notice: Unsent) -> str:
    return notice.person or notice.side


def _by_addressee(unsent: Iterable[Unsent]) -> dict[str, list[Unsent]]:
    """In the order in which each was first owed something."""
    found: dict[str, list[Unsent]] = {}
    for notice in unsent:
        found.setdefault(_to(notice), []).append(notice)
    return found
