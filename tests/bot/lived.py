"""A whole journey, so that every table holds something: from a raised case to a closed one, with a second
case, drafts left lying, messages on the page, and references of Teams.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.teams.references import ConversationReference
from bot.page_world import StoredPageMessages
from bot.references import StoredReferences
from core.cards.model import Card, Form, line
from core.conversation import Asker, Press
from core.escalation import Escalation
from tests.bot.made import AMIRA, BEN, DIRECTORY, KAI, TOLD, House, opened

TYPED = "Zyxomma"
"""Stands in everything that is typed."""
EMAIL = "newcomer@northmoor.example.org"
TAM = Asker("slack:T0001/UTAM")
COORDINATOR = '{id: tam, name: Tam Invented, roles: [coordinator], accounts: ["slack:T0001/UTAM"]}'
WITH_COORDINATOR = DIRECTORY.replace("  - id: eastvale", f"      - {COORDINATOR}\n  - id: eastvale")
PAGE_ROOM = "web:page/room-northmoor"
TEAMS_ROOM = "teams:T2/19:conversation-of-ben"


@dataclass
class Lived:
    """`closed`: Amira raised it, Ben agreed; `other`: Kai raised it, and it is open."""

    closed: Escalation
    other: Escalation


async def lived(board: House) -> Lived:
    board.import_directory(WITH_COORDINATOR)
    await board.courier.start()
    case = await raised(board, AMIRA)
    other = await raised(board, KAI)
    for one in (case, other):
        await board.bot.press(BEN, Press("accept", one.id))
    await fill(board, BEN, "view", case, words=typed("Our view"))
    await board.bot.say(AMIRA, f"note {case.reference} {TYPED} rang the ward")
    await fill(board, AMIRA, "note", case, words=typed("Only us"), own_side=("yes",))
    tried = {name: typed(name) for name in ("whom", "time", "how", "result")} | {"day": ("2026-11-23",)}
    await fill(board, BEN, "contact", case, **tried)
    await leave_drafts(board, case)
    await board.sent()
    await agreed_and_done(board, case)
    await board.sent()
    await outside_the_record(board)
    return Lived(board.now(case), board.now(other))


def typed(words: str) -> tuple[str, ...]:
    return (f"{TYPED} {words}",)


async def raised(board: House, by: Asker) -> Escalation:
    """With Ben, and with somebody by their e-mail."""
    form = await telling(board, by)
    who = {"named": (board.person("ben"),), "new_name": ("Newcomer Invented",), "new_email": (EMAIL,)}
    assert isinstance(await board.submit(by, form, **who), Card)
    return board.told[-1].state


async def telling(board: House, by: Asker) -> Form:
    """The last step of raising."""
    form = opened(await board.bot.press(by, Press("new")))
    form = opened(await board.submit(by, form, in_danger=("no",)))
    form = opened(await board.submit(by, form, elsewhere=("none",)))
    words = {name: typed(name) for name in ("decision_asked", "account", "adult_words")}
    return opened(await board.submit(by, form, **{**TOLD, **words}))


async def fill(board: House, by: Asker, verb: str, case: Escalation, **values: tuple[str, ...]) -> None:
    form = opened(await board.bot.press(by, Press(verb, case.id)))
    answer = await board.submit(by, form, **values)
    assert isinstance(answer, Card), answer


async def leave_drafts(board: House, case: Escalation) -> None:
    """One of no case yet, and one of a case."""
    await telling(board, AMIRA)
    form = opened(await board.bot.press(BEN, Press("propose", case.id)))
    outcome = {"words": typed("half an outcome"), "reflects_views": typed("half")}
    opened(await board.submit(BEN, form, **outcome, actions_0=("yes",)))


async def agreed_and_done(board: House, case: Escalation) -> None:
    form = opened(await board.bot.press(AMIRA, Press("propose", case.id)))
    outcome = {"words": typed("an outcome"), "reflects_views": typed("so")}
    form = opened(await board.submit(AMIRA, form, **outcome, actions_0=("yes",)))
    due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    action = {"what_1": typed("to be done"), "owner_1": (board.person("ben"),), "due_1": (due,)}
    form = opened(await board.submit(AMIRA, form, **action, actions_1=("no",)))
    assert isinstance(await board.submit(AMIRA, form), Card)
    proposal = board.now(case).proposal
    assert proposal is not None
    await board.bot.press(BEN, Press("agree", case.id, proposal.id))
    [done] = board.now(case).actions
    await board.bot.press(BEN, Press("action_done", case.id, done))
    assert board.now(case).status == "closed"


async def outside_the_record(board: House) -> None:
    pages = StoredPageMessages(board.database, board.clock)
    card = Card(summary=f"{TYPED}", parts=(line("A card"),)).model_dump_json()
    posted = [await pages.post(PAGE_ROOM, card) for _ in range(3)]
    await pages.update(posted[0], card)
    references = StoredReferences(board.database)
    for number in range(2):
        reference = ConversationReference(
            "https://smba.example.org/", f"19:conversation-{number}", tenant="T2", bot="28:bot"
        )
        await references.put(f"{TEAMS_ROOM}-{number}", reference)
