"""Why something can't be done, in words that say what to do next. Each refusal's words are its docstring."""

from __future__ import annotations

from string import Formatter

from core.cards.model import Piece, Text


class Refusal(Exception):
    """The base of all refusals. `field` names the form's field at fault, or is empty.

    The docstring of each kind is what the person reads; names in braces are filled in when it is raised.
    """

    field = ""

    def __init__(self, field: str = "", **values: Piece) -> None:
        super().__init__(type(self).__name__)
        self.field = field or self.field
        self.text: Text = _fill((type(self).__doc__ or "").strip(), values)

    @property
    def words(self) -> str:
        """The text without its moments' zones, for a form's field."""
        return "".join(piece if isinstance(piece, str) else "that time" for piece in self.text)


def _fill(template: str, values: dict[str, Piece]) -> Text:
    pieces: list[Piece] = []
    for words, name, _, _ in Formatter().parse(template):
        if words:
            pieces.append(" ".join(words.split()) if words.strip() == words else words)
        if name:
            pieces.append(values[name])
    return tuple(pieces)


class FieldRefused(Refusal):
    """{sentence}"""


class NotTakingPart(Refusal):
    """Only people who take part in {reference} can do this. If you should take part, ask {raiser}, who
    raised it."""


class NotConfirmedYet(Refusal):
    """You were named in {reference}. First say whether you are the right person, then you can see it and
    answer."""


class NotForYou(Refusal):
    """This is for {who} now (Stage {stage}). You will hear what they decide."""


class OnlyOwner(Refusal):
    """This action belongs to {owner}, who says whether it was done."""


class ChallengedSideAlone(Refusal):
    """The warning can be lifted only by {side}, who raised this. If you think the adult is safe now, tell
    them why in a note."""


class AlreadySettled(Refusal):
    """{reference} is settled: an outcome was agreed on {at}. You can still add a note."""


class AlreadyClosed(Refusal):
    """{reference} was closed on {at}. Its record can still be read."""


class AlreadyDone(Refusal):
    """Already done: {name} {what}, {at}."""


class EarlierStage(Refusal):
    """This card is from an earlier stage. The case is at Stage {stage} now, {name} moved it on. Open it as
    it is now."""


class EarlierProposal(Refusal):
    """This outcome was replaced by a newer one, from {name}. Open the case to read the one that stands
    now."""


class NoProposal(Refusal):
    """There is no proposed outcome to agree at the moment. Open the case to see where it stands."""


class AlreadyAnswered(Refusal):
    """You have already said so. Nothing more is needed."""


class AlreadyTakesPart(Refusal):
    """{name} already takes part in {reference}."""


class OnAnotherSide(Refusal):
    """{name} is already on the other side of {reference}. Please name somebody else."""


class OwnAgencyPerson(Refusal):
    """{name} works for {agency}. Name somebody else, or tell them yourself: they can join as one of your
    own."""


class RoleAlreadyFilled(Refusal):
    """Somebody has already been named for this. Open the case to see who."""


class UnknownAction(Refusal):
    """This action is not part of what was agreed. Open the case to see the actions."""


class NothingAsked(Refusal):
    """This button is from a card that no longer applies. Open the case as it is now."""


class UnknownReference(Refusal):
    """There is no escalation {reference} that you can see. Check the reference, or type /escalate list to
    see yours."""


class UnknownAccount(Refusal):
    """This account is not in the directory yet, so nothing can be shown or done with it. Ask your
    agency's safeguarding lead to have you added. If somebody is in danger, phone 999 now."""


class NotPartOfPathway(Refusal):
    """{sentence}"""


class ChangedMeanwhile(Refusal):
    """Somebody else changed this case in the same moment. Nothing was lost: please try again."""
