"""Why something can't be done, in words that say what to do next. Each refusal's words are its docstring."""

from __future__ import annotations

from string import Formatter
from zoneinfo import ZoneInfo

from core.cards.model import Piece, Text
from core.cards.plain import plain

LONDON = ZoneInfo("Europe/London")


class Refusal(Exception):
    """The base of all refusals. `field` names the form's field at fault, or is empty.

    The docstring of each kind is what the person reads; names in braces are filled in when it is raised.
    """

    def __init__(self, field: str = "", **values: Piece) -> None:
        super().__init__(type(self).__name__)
        self.field = field
        self.text: Text = _fill((type(self).__doc__ or "").strip(), values)

    @property
    def words(self) -> str:
        """The text for a form's field, which holds plain words only: its moments are England's."""
        return plain(self.text, LONDON)


def _fill(template: str, values: dict[str, Piece]) -> Text:
    """Raises KeyError where a name in braces isn't given."""
    pieces: list[Piece] = []
    for words, name, _, _ in Formatter().parse(" ".join(template.split())):
        if words:
            pieces.append(words)
        if name:
            pieces.append(values[name])
    return tuple(pieces)


class FieldRefused(Refusal):
    """{sentence}"""


class NotTakingPart(Refusal):
    """Only people who take part in {reference} can do this. If you should take part, ask {raiser}, who raised
    it."""


class NotConfirmedYet(Refusal):
    """You were named in {reference}. First say whether you are the right person. Then you can see it and
    answer."""


class PassedItOn(Refusal):
    """You said that {reference} isn't for you. If it is after all, ask {raiser} to name you again."""


class ChairReads(Refusal):
    """As Chair of the board you can read {reference}. Those who take part answer it: ask {raiser}, who raised
    it."""


class NotForYou(Refusal):
    """This is for {who} now (Stage {stage}). You will hear what they decide."""


class NotYourSide(Refusal):
    """The people at {agency} say who leads for them. You will hear when somebody is named."""


class OnlyOwner(Refusal):
    """This action belongs to {owner}, who says whether it was done."""


class ChallengedSideAlone(Refusal):
    """Only {side}, who raised this, can lift the warning. If you think the adult is safe now, tell them why
    in a note."""


class AlreadySettled(Refusal):
    """{reference} is settled: an outcome was agreed on {at}. You can still add a note."""


class AlreadyClosed(Refusal):
    """{reference} was closed on {at}. Its record can still be read."""


class AlreadyDone(Refusal):
    """Already done: {name} {what}, {at}."""


class EarlierStage(Refusal):
    """This card is from an earlier stage. {name} moved it on, {at}: it is at Stage {stage} now. Open the
    case as it is now."""


class LastStage(Refusal):
    """There is no stage after this one: {name} recorded that it is not resolved, {at}. It stays open until an
    outcome is agreed. You can propose one."""


class EarlierProposal(Refusal):
    """This outcome was replaced by a newer one, from {name}. Open the case to read the one that stands."""


class DeclinedBefore(Refusal):
    """{name} declined this outcome, {at}. Open the case to read why. Anybody who takes part can propose
    another."""


class NoProposal(Refusal):
    """There is no proposed outcome to agree at the moment. Open the case to see where it stands."""


class AlreadyAnswered(Refusal):
    """You have already said so. Nothing more is needed."""


class AlreadyTakesPart(Refusal):
    """{name} already takes part in {reference}."""


class OnAnotherSide(Refusal):
    """{name} is already on the other side of {reference}. Please name somebody else."""


class RoleAlreadyFilled(Refusal):
    """Somebody has already been named for this. Open the case to see who."""


class NothingTypedThere(Refusal):
    """Entry {entry} holds no words that you can have destroyed. Choose another one from what happened."""


class ProposalStands(Refusal):
    """Entry {entry} is the latest proposed outcome. Propose a different one first. Then this one can be
    destroyed."""


class AskedToDestroyBefore(Refusal):
    """{name} asked for this, {at}. It waits for somebody else to agree."""


class NobodyToAgree(Refusal):
    """Somebody at {agency} has to agree to this, and nobody there can yet. Have somebody there take part, or
    a manager or safeguarding lead added to the directory."""


class HeldAsItIs(Refusal):
    """{reference} is held for {what}, since {day}, so nothing in it can be destroyed."""


class DestroyedBefore(Refusal):
    """The words of entry {entry} were destroyed. What happened says by whom and why."""


class NotAskedToDestroy(Refusal):
    """Nothing waits for your answer here. It was answered, or it is for somebody else."""


class UnknownAction(Refusal):
    """This action is not part of what was agreed. Open the case to see the actions."""


class NothingAsked(Refusal):
    """This button is from a card that no longer applies. Open the case as it is now."""


class NothingUndelivered(Refusal):
    """Nothing waits here to be sent again: it arrived, or somebody has sent it again already."""


class UnknownReference(Refusal):
    """There is no escalation {reference} that you can see. Check the reference, or ask for your list."""


class UnknownAccount(Refusal):
    """This account is not in the directory yet, so nothing can be shown or done with it. Ask your
    agency's safeguarding lead to have you added. If somebody is in danger, phone 999 now."""


class NotPartOfPathway(Refusal):
    """{sentence}"""


class TooMuchAtOnce(Refusal):
    """That was a lot in a short time, so this was not done. Please try again in {wait}. If somebody is in
    danger, phone 999 now."""


class RaisedMany(Refusal):
    """You have raised many cases in a short time, so this one was not raised yet. Please send it again in
    {wait}. If somebody is in danger, phone 999 now."""


class AlreadyHeld(Refusal):
    """{reference} is already held for {what}, since {day}."""


class NotHeld(Refusal):
    """{reference} isn't held for that, so there is nothing to release."""


class SeveralHolds(Refusal):
    """{reference} is held for {what}. Say with --kind which hold is released."""


class StillHeld(Refusal):
    """{reference} is held for {what}, since {day}, so it can't be destroyed. When it is no longer needed,
    release it first."""


class NotClosed(Refusal):
    """{reference} isn't closed. Only the record of a closed case can be destroyed."""


class StillKept(Refusal):
    """{reference} is to be kept until {day}. To destroy it before then, say why with --before-time."""


class RecordGone(Refusal):
    """The record of {reference} was destroyed on {day}. Nobody can read it any more."""


class RecordsAway(Refusal):
    """Our records can't be reached just now, so nothing was saved. Please try again in a minute. If you ask
    for help, say code {code}."""


class Unclear(Refusal):
    """The connection to our records broke, so we can't tell whether this was saved. A form counts once, so
    you can send it again as it is; otherwise please look at the case first. If you ask for help, say code
    {code}."""


class NotSaved(Refusal):
    """That didn't work, so it was not saved. Please try again in a moment. If you ask for help, say code
    {code}."""
