"""What is held on one reference, as one page for a person to review: a draft, and never what is given out."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.cases import Cases
from bot.keeping import Keeping
from bot.settings import ConfigurationInvalid
from core.cards.model import Moment
from core.cards.plain import dated
from core.commands import RecordSubjectAccess
from core.disclosure import Held, Named, Row, Written
from core.notices import what
from storage import outbox, outbox_list
from storage.database import Reader
from storage.whole_files import whole_file

MARK = "Draft, for a person to review and redact before anybody receives it"
PAGES = Path(__file__).parent / "pages"

BECAME = {
    outbox.SENT: "Sent",
    outbox.WAITING: "Waits to be sent",
    outbox.SENDING: "Is being sent",
    outbox.FAILED: "Could not be delivered",
    outbox.DROPPED: "Not sent: no longer needed",
}
PLATFORMS = {"slack": "Slack", "teams": "Teams", "web": "the local page"}


@dataclass(frozen=True)
class Draft:
    """What stands on the page, all in words. Rows are as its tables name them."""

    reference: str
    made_at: str
    by: str
    why: str
    facts: tuple[tuple[str, str], ...]
    people: tuple[Named, ...]
    decisions: tuple[Row, ...]
    actions: tuple[Row, ...]
    entries: tuple[Written, ...]
    messages: tuple[Row, ...]
    places: tuple[Row, ...]


def gather(reader: Reader, cases: Cases, stream: str, *, by: str, why: str, at: datetime) -> Draft:
    """All that is held on an escalation, whoever may see it otherwise. `at`: UTC."""
    state = cases.load(reader, stream)
    assert state.raised is not None
    zone = cases.pathways.of(reader, state.raised.pathway).calendar.time_zone
    directory = cases.directory.current(reader)
    held = Held(state, cases.entries(reader, stream), directory, lambda text: dated(text, zone))
    sent = outbox_list.of_case(reader, stream)
    return Draft(
        reference=state.reference,
        made_at=held.say((Moment(at=at),)),
        by=by,
        why=why,
        facts=held.facts(),
        people=held.people(),
        decisions=held.decisions(),
        actions=held.actions(),
        entries=held.chronology(),
        messages=tuple(_message(held, one) for one in sent),
        places=_places(held, sent),
    )


def _message(held: Held, one: outbox_list.Held) -> Row:
    """(when, what, about which entry, to whom and where, what became of it)."""
    words = what(one.kind, one.topic)
    platform = PLATFORMS.get(one.place.partition(":")[0], "")
    whom = f"{_whom(held, one)}, on {platform}" if platform else _whom(held, one)
    return (
        held.say((Moment(at=one.at),)),
        words[0].upper() + words[1:],
        one.sequence,
        whom,
        BECAME[one.state],
    )


def _whom(held: Held, one: outbox_list.Held) -> str:
    if one.side:
        return f"The room of {held.state.sides[one.side].agency_name}"
    known = held.directory.person(one.person)
    return known.name if known else "Somebody no longer known"


def _place(place: str) -> str:
    platform, _, rest = place.partition(":")
    return f"{PLATFORMS.get(platform, platform)}: {rest}"


def _places(held: Held, sent: Sequence[outbox_list.Held]) -> tuple[Row, ...]:
    """(where, whose, how many messages)."""
    counted = Counter((_place(one.place), _whom(held, one)) for one in sent if one.place)
    return tuple((where, whose, str(count)) for (where, whose), count in sorted(counted.items()))


def drawn(draft: Draft) -> str:
    """The page: HTML in UTF-8 that needs nothing else, and lets nothing else in."""
    files = {kind: (PAGES / f"subject_access.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")}
    digest = base64.b64encode(hashlib.sha256(files["js"].encode()).digest()).decode()
    pages = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return pages.get_template("subject_access.html").render(
        draft=draft,
        mark=MARK,
        style=Markup(files["css"]),  # noqa: S704 - our own file, with nobody's words in it
        script=Markup(files["js"]),  # noqa: S704
        script_hash=f"sha256-{digest}",
    )


def make(records: Keeping, reference: str, out: Path, *, by: str, why: str) -> int:
    """Writes the page for its owner alone, and records on the case that it was made: both, or neither.

    Returns how many entries it holds. Raises ConfigurationInvalid for a reference that there isn't, and where
    `out` is there already or can't be written; and Refusal.
    """
    state, at = records.find(reference), records.clock.now()
    draft = records.database.read_now(
        lambda reader: gather(reader, records.cases, state.id, by=by, why=why, at=at)
    )
    try:
        with whole_file(out) as part:
            part.write_text(drawn(draft), encoding="utf-8")
            records.carry_out(reference, RecordSubjectAccess(by, why))
    except FileExistsError:
        raise ConfigurationInvalid(f"--out: {out} is there already. Name another file.") from None
    except OSError as error:
        raise ConfigurationInvalid(f"--out: {out} can't be written ({error.strerror}).") from None
    return len(draft.entries)
