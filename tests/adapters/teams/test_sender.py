"""What the courier sends: to people and rooms, in threads, updated in place; what each failure means."""

import asyncio
import logging
from dataclasses import replace

import pytest

from adapters.teams import rates
from adapters.teams.references import AddressBook, ConversationReference
from adapters.teams.sender import TeamsSender
from core.delivery import MessageGone, Rejected, SendingFailed, TryLater, Unreachable
from tests.adapters.teams.conftest import AMIRA, BEN, CHAT, STRANGER, WARD, Teams, card
from tests.teams_blocks import text_of
from tests.teams_service import Trouble


async def test_somebody_who_never_wrote_is_reached_in_a_conversation_made_once(teams: Teams) -> None:
    sender = teams.platform.sender
    await asyncio.gather(*(sender.post(AMIRA.place, card()) for _ in range(5)))
    await sender.post(AMIRA.place, card())
    assert len(teams.there.direct_messages("amira")) == 6
    assert teams.there.counts["created"] == 1


async def test_what_an_activity_told_is_used_and_nothing_made(teams: Teams) -> None:
    await teams.there.install("amira")
    await teams.platform.sender.post(AMIRA.place, card())
    assert teams.there.counts["created"] == 0
    assert "Please look" in text_of(teams.there.direct_messages("amira")[-1].now)


async def test_a_card_in_a_channel_starts_a_thread_and_what_belongs_to_it_replies(teams: Teams) -> None:
    sender = teams.platform.sender
    live = await sender.post(WARD.place, card("The case"))
    line = await sender.post(WARD.place, card("News"), live)
    await sender.post(WARD.place, card("More news"), line)
    [first, *replies] = teams.there.in_channel("ward")
    assert first.root == first.id
    assert teams.there.thread(first) == replies
    assert [text_of(reply.now).split("\n")[0] for reply in replies] == ["News", "More news"]


async def test_chats_have_no_threads(teams: Teams) -> None:
    sender = teams.platform.sender
    for place in (AMIRA.place, CHAT.place):
        live = await sender.post(place, card())
        await sender.post(place, card("News"), live)
    assert all(";messageid=" not in path for _, path in teams.there.calls)


async def test_cards_are_updated_in_place_in_channels_threads_and_chats(teams: Teams) -> None:
    sender = teams.platform.sender
    live = await sender.post(WARD.place, card())
    reply = await sender.post(WARD.place, card(), live)
    private = await sender.post(AMIRA.place, card())
    for place, message in ((WARD.place, live), (WARD.place, reply), (AMIRA.place, private)):
        await sender.update(place, message, card("As it is now"))
    assert len(teams.there.messages) == 3
    assert all("As it is now" in text_of(message.now) for message in teams.there.messages)


async def test_a_message_that_was_deleted_is_said_to_be_gone(teams: Teams) -> None:
    sender = teams.platform.sender
    live = await sender.post(WARD.place, card())
    teams.there.messages[0].deleted = True
    with pytest.raises(MessageGone):
        await sender.update(WARD.place, live, card())
    with pytest.raises(MessageGone):
        await sender.post(WARD.place, card(), live)


async def test_who_has_the_app_only_in_a_team_is_reached_once_they_spoke_there(teams: Teams) -> None:
    """Teams takes an object id only for those who have the app for themselves."""
    teams.there.without_app.add(AMIRA.object)
    with pytest.raises(Unreachable):
        await teams.platform.sender.post(AMIRA.place, card())
    await teams.there.say("amira", "list", "ward")
    await teams.platform.sender.post(AMIRA.place, card())
    assert len(teams.there.direct_messages("amira")) == 2
    assert teams.there.counts["created"] == 1


async def test_a_stale_conversation_with_a_person_is_made_anew_once(teams: Teams) -> None:
    sender = teams.platform.sender
    old = await sender.post(AMIRA.place, card())
    teams.there.conversations.discard(old.partition("|")[0])
    new = await sender.post(AMIRA.place, card())
    assert new.partition("|")[0] != old.partition("|")[0]
    assert teams.there.counts["created"] == 2
    with pytest.raises(MessageGone):
        await sender.update(AMIRA.place, old, card())


async def test_a_conversation_that_stays_stale_is_out_of_reach(teams: Teams) -> None:
    teams.there.troubles.append(Trouble(404, 10, "ConversationNotFound", conversation="a:"))
    with pytest.raises(Unreachable):
        await teams.platform.sender.post(AMIRA.place, card())


async def test_a_channel_that_is_no_more_is_out_of_reach_and_forgotten(teams: Teams) -> None:
    await teams.there.install_team("amira", "ward")
    teams.there.conversations.discard(WARD.conversation)
    with pytest.raises(Unreachable):
        await teams.platform.sender.post(WARD.place, card())
    assert WARD.place not in teams.references.kept


async def test_somebody_nobody_knows_is_out_of_reach(teams: Teams) -> None:
    with pytest.raises(Unreachable):
        await teams.platform.sender.post(AMIRA.place[:-1] + "9", card())


async def test_a_tenant_not_on_the_list_is_out_of_reach_though_a_reference_was_kept(teams: Teams) -> None:
    kept = ConversationReference(teams.there.service_url, "a:1", STRANGER.tenant, "28:x")
    await teams.references.put(STRANGER.place, kept)
    with pytest.raises(Unreachable, match="tenant"):
        await teams.platform.sender.post(STRANGER.place, card())
    assert teams.there.calls == []


async def test_a_service_host_struck_off_the_list_is_not_called_any_more(teams: Teams) -> None:
    kept = ConversationReference("https://old.example.org/uk/", "a:1", AMIRA.tenant, "28:x")
    await teams.references.put(AMIRA.place, kept)
    await teams.platform.sender.post(AMIRA.place, card())
    assert teams.references.kept[AMIRA.place].service_url.startswith(teams.there.base)
    with pytest.raises(Unreachable, match="service_host"):
        await teams.platform.transport.post(kept, {"type": "message"})


async def test_a_reference_of_a_tenant_or_host_not_on_the_list_is_not_kept(teams: Teams) -> None:
    addresses = AddressBook(teams.settings, teams.references, teams.platform.transport)
    good = ConversationReference(teams.there.service_url, "a:1", AMIRA.tenant, "28:x")
    for bad in (replace(good, tenant=STRANGER.tenant), replace(good, service_url="https://example.org/")):
        with pytest.raises(Exception, match=r"tenant|service_host"):
            await addresses.keep(AMIRA.place, bad)
    assert teams.references.kept == {}


MEANINGS: list[tuple[int, str, type[SendingFailed]]] = [
    (412, "", TryLater),
    (429, "TooManyRequests", TryLater),
    (500, "ServiceError", TryLater),
    (502, "", TryLater),
    (503, "", TryLater),
    (504, "", TryLater),
    (0, "", TryLater),
    (401, "Unauthorized", TryLater),
    (403, "MessageWritesBlocked", Unreachable),
    (403, "BotNotInConversationRoster", Unreachable),
    (403, "", Unreachable),
    (404, "ConversationNotFound", Unreachable),
    (400, "BadSyntax", Rejected),
    (413, "MessageSizeTooBig", Rejected),
    (302, "", Rejected),
]


@pytest.mark.parametrize(("status", "code", "meaning"), MEANINGS)
async def test_each_failure_has_one_meaning(
    status: int, code: str, meaning: type[SendingFailed], teams: Teams, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    teams.there.troubles.append(Trouble(status, 10, code))
    with pytest.raises(meaning) as failed:
        await teams.platform.sender.post(WARD.place, card("A secret sentence"))
    assert "words that may quote" not in failed.value.why
    assert "secret" not in "".join(record.getMessage() for record in caplog.records)


async def test_how_long_to_be_patient_is_taken_from_teams(teams: Teams) -> None:
    for said, meant in (("7", 7.0), ("0.5", 0.5), ("nonsense", None), ("1e400", None), ("99999999", 3600.0)):
        teams.there.troubles.append(Trouble(429, 1, headers={"Retry-After": said}))
        with pytest.raises(TryLater) as later:
            await teams.platform.sender.post(WARD.place, card())
        assert later.value.after == meant


async def test_a_token_that_is_refused_is_fetched_anew(teams: Teams) -> None:
    sender = teams.platform.sender
    await sender.post(WARD.place, card())
    teams.there.tokens.clear()
    with pytest.raises(TryLater):
        await sender.post(WARD.place, card())
    await sender.post(WARD.place, card())
    assert teams.there.counts["token"] == 2


@pytest.mark.parametrize("message", ["", "nonsense", "|1", "19:x@thread.tacv2|"])
async def test_what_is_no_message_or_place_of_ours_is_rejected(message: str, teams: Teams) -> None:
    with pytest.raises(Rejected):
        await teams.platform.sender.update(WARD.place, message, card())
    for place in ("slack:T1/C1", "teams:", "teams:tenant", "teams:/x"):
        with pytest.raises(Rejected):
            await teams.platform.sender.post(place, card())


async def test_two_tenants_have_each_its_own_conversation(teams: Teams) -> None:
    for place in (AMIRA.place, BEN.place):
        await teams.platform.sender.post(place, card())
    assert [len(teams.there.direct_messages(name)) for name in ("amira", "ben")] == [1, 1]


def test_rates_are_those_of_teams_with_room_for_answers(teams: Teams) -> None:
    sender = teams.platform.sender
    assert isinstance(sender, TeamsSender)
    assert sender.rates(WARD.place) == ((7, 1), (8, 2), (60, 30), (1800, 3600))
    assert sender.lane(AMIRA.place) == sender.lane(BEN.place)
    [(most, seconds)] = sender.lane_rates(sender.lane(AMIRA.place))
    assert 50 / 1.1 < most / seconds < 50
    assert rates.THREAD[0].most == 7
