"""Who people are, who leads and who stands in; what a file changes; and what a broken file is told."""

from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.directory import (
    DIRECTORY_CHANGE,
    AgencyRecorded,
    Directory,
    DirectoryProblem,
    Person,
    PersonEnded,
    PersonRecorded,
    read_directory,
)
from core.people import ROLES
from core.working_time import Calendar

ROOT = Path(__file__).parents[2]
DEMONSTRATION = (ROOT / "bot" / "demonstration" / "directory.yaml").read_text(encoding="utf-8")
BEFORE, DURING, AFTER = date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 16)

SMALL = """\
board:
  sab_chair: zoe
agencies:
  - id: asc
    name: Adult Social Care
    kind: local_authority
    room: "slack:T0001/C0001"
    people:
      - id: amira
        name: Amira Khan
        email: amira@example.org
        line_manager: dara
        accounts: ["slack:T0001/U0001", "teams:TENANT/OBJECT"]
      - id: dara
        name: Dara Lewis
        roles: [line_manager]
        line_manager: gwen
        cover: {by: chi, from: 2026-12-01, until: 2026-12-15}
      - id: chi
        name: Chi Eze
        email: chi@example.org
        roles: [line_manager, safeguarding_lead]
      - id: gwen
        name: Gwen Price
        roles: [senior_manager]
      - id: zoe
        name: Zoe Marchetti
  - id: trust
    name: Health Trust
    people:
      - id: ben
        name: Ben Osei
      - id: farah
        name: Farah Siddiqui
        roles: [line_manager]
"""


def counting() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"p{next(numbers):020x}"


def directory(text: str = SMALL) -> Directory:
    empty = Directory()
    return empty.evolve_all(empty.changes(read_directory(text, "directory.yaml"), counting()))


def who(directory: Directory, file_id: str) -> Person:
    person = directory.by_file_id(file_id)
    assert person is not None, file_id
    return person


def names(people: list[Person]) -> list[str]:
    return [person.file_id for person in people]


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


# --- the demonstration ---


def test_the_demonstration_has_three_agencies_and_every_role() -> None:
    demonstration = directory(DEMONSTRATION)
    assert len(demonstration.open_agencies()) == 3
    held = {role.role for p in demonstration.people.values() for m in p.memberships for role in m.roles}
    assert held == set(ROLES)


def test_in_the_demonstration_each_agency_has_leaders_for_every_stage() -> None:
    demonstration = directory(DEMONSTRATION)
    found = {}
    for agency, person in (
        ("riverbank-asc", "amira"),
        ("northmoor-trust", "ben"),
        ("eastvale-police", "kai"),
    ):
        participants = [who(demonstration, person).id]
        found[agency] = [
            *demonstration.leaders("practitioner", "each_participant", agency, participants, (), DURING),
            *demonstration.leaders("line_manager", "each_participant", agency, participants, (), DURING),
            *demonstration.leaders("senior_manager", "agency", agency, participants, (), DURING),
            *demonstration.leaders("sab_member", "agency", agency, participants, (), DURING),
        ]
    assert {agency: names(people) for agency, people in found.items()} == {
        "riverbank-asc": ["amira", "dara", "gwen", "hal"],
        "northmoor-trust": ["ben", "farah", "ines", "jo"],
        "eastvale-police": ["kai", "lena", "mo", "nia"],
    }


def test_in_the_demonstration_everybody_can_be_chosen_on_the_page_under_their_own_id() -> None:
    demonstration = directory(DEMONSTRATION)
    for person in demonstration.people.values():
        assert demonstration.by_account(f"web:page/{person.file_id}") == person
        assert person.email == f"{person.file_id}@example.org"


def test_in_the_demonstration_only_statutory_partners_have_statutory_members() -> None:
    demonstration = directory(DEMONSTRATION)
    statutory = {
        person.file_id
        for person in demonstration.people.values()
        for membership in person.memberships
        for held in membership.roles
        if held.statutory
    }
    assert statutory == {"hal", "nia"}
    chair = demonstration.sab_chair()
    assert chair is not None
    assert chair.file_id == "zoe"


# --- finding people ---


def test_ids_of_entra_may_be_written_in_capitals_and_a_channels_own_id_stays_as_it_is() -> None:
    tenant, person = "7E7E7E7E-0000-4000-8000-00000000000A", "AAAAAAAA-0000-4000-8000-00000000000B"
    text = SMALL.replace("teams:TENANT/OBJECT", f"teams:{tenant}/{person}")
    text = text.replace("slack:T0001/C0001", f"teams:{tenant}/19:aBc@thread.tacv2")
    file = read_directory(text, "directory.yaml")
    assert f"teams:{tenant.lower()}/{person.lower()}" in file.people[0].accounts
    assert file.agencies[0].room == f"teams:{tenant.lower()}/19:aBc@thread.tacv2"


def test_a_person_is_found_by_any_of_their_accounts() -> None:
    known = directory()
    assert (
        known.by_account("slack:T0001/U0001")
        == known.by_account("teams:TENANT/OBJECT")
        == who(known, "amira")
    )
    assert known.by_account("slack:T0001/U9999") is None


def test_people_have_ids_of_the_directorys_own() -> None:
    known = directory()
    assert {person.id for person in known.people.values()}.isdisjoint({"amira", "dara", "chi"})
    manager = known.line_manager_of(who(known, "amira").id, "asc")
    assert manager == who(known, "dara")


def test_somebody_who_stands_in_two_agencies_is_one_person_with_a_manager_in_each() -> None:
    known = directory(SMALL + "      - {id: amira, name: Amira Khan, line_manager: farah}\n")
    amira = who(known, "amira")
    assert amira.agencies() == ("asc", "trust")
    assert known.line_manager_of(amira.id, "asc") == who(known, "dara")
    assert known.line_manager_of(amira.id, "trust") == who(known, "farah")
    assert amira in known.people_of("trust")


def test_statutory_and_seniority_may_stand_beside_the_roles_or_within_them() -> None:
    beside = changed(
        "roles: [senior_manager]", "roles: [sab_member]\n        statutory: true\n        seniority: director"
    )
    within = changed(
        "roles: [senior_manager]", "roles: [{role: sab_member, statutory: true, seniority: director}]"
    )
    assert who(directory(beside), "gwen") == who(directory(within), "gwen")


def test_what_somebody_is_in_an_agency_is_said_in_words() -> None:
    known = directory()
    assert known.role_words(who(known, "chi").id, "asc") == "line manager, safeguarding lead"
    assert known.role_words(who(known, "amira").id, "asc") == "practitioner"
    assert known.role_words(who(known, "amira").id, "trust") == ""


def test_a_persons_own_hours_and_zone_take_the_place_of_the_boards() -> None:
    board = Calendar.of("Europe/London", "Mon-Fri 09:00-17:00")
    known = directory(
        changed("name: Gwen Price", "name: Gwen Price\n        working_hours: Mon-Wed 08:00-12:00")
    )
    assert who(known, "gwen").calendar(board) == Calendar.of("Europe/London", "Mon-Wed 08:00-12:00")
    assert who(known, "amira").calendar(board) == board


def test_somebody_unknown_is_reached_in_the_boards_hours() -> None:
    board = Calendar.of("Europe/London", "Mon-Fri 09:00-17:00")
    assert directory().calendar_of("p-unknown", board) == board


# --- who leads, and who stands in ---


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (BEFORE, "dara"),
        (DURING, "chi"),
        (date(2026, 12, 15), "chi"),
        (AFTER, "dara"),
    ],
)
def test_cover_stands_in_from_its_first_day_to_its_last(day: date, expected: str) -> None:
    known = directory()
    assert known.acting(who(known, "dara").id, day).file_id == expected
    assert names(
        known.leaders("line_manager", "each_participant", "asc", [who(known, "amira").id], (), day)
    ) == [expected]


def test_cover_that_goes_round_comes_to_an_end() -> None:
    text = changed(
        "roles: [line_manager, safeguarding_lead]", "cover: {by: dara, from: 2026-12-01, until: 2026-12-15}"
    )
    known = directory(text)
    assert known.acting(who(known, "dara").id, DURING).file_id == "chi"


def test_where_a_participant_has_no_manager_the_agencys_line_managers_lead() -> None:
    known = directory()
    assert names(
        known.leaders("line_manager", "each_participant", "trust", [who(known, "ben").id], (), BEFORE)
    ) == ["farah"]


def test_a_role_that_nobody_fills_gives_nobody() -> None:
    known = directory()
    assert known.leaders("senior_manager", "agency", "trust", [who(known, "ben").id], (), BEFORE) == []


def test_a_leader_who_is_on_the_other_side_gives_way_to_their_cover_then_to_the_manager_above() -> None:
    known = directory()
    amira, dara, chi, gwen = (who(known, name).id for name in ("amira", "dara", "chi", "gwen"))

    def lead(excluding: set[str]) -> list[str]:
        return names(known.leaders("line_manager", "each_participant", "asc", [amira], excluding, BEFORE))

    assert lead({dara}) == ["chi"]
    assert lead({dara, chi}) == ["gwen"]
    assert lead({dara, chi, gwen}) == []


def test_two_participants_with_one_manager_have_one_leader() -> None:
    known = directory(
        changed("roles: [senior_manager]", "line_manager: dara").replace("        line_manager: gwen\n", "")
    )
    both = [who(known, "amira").id, who(known, "gwen").id]
    assert names(known.leaders("line_manager", "each_participant", "asc", both, (), BEFORE)) == ["dara"]


def test_a_manager_who_has_left_leads_no_more() -> None:
    known = directory()
    left = known.evolve(PersonEnded(person=who(known, "dara").id))
    amira = who(left, "amira").id
    assert left.line_manager_of(amira, "asc") is None
    assert names(left.leaders("line_manager", "each_participant", "asc", [amira], (), BEFORE)) == ["chi"]


@settings(max_examples=100, deadline=None)
@given(
    role=st.sampled_from(["practitioner", "line_manager", "senior_manager", "sab_member"]),
    each=st.booleans(),
    agency=st.sampled_from(["asc", "trust"]),
    participants=st.lists(st.sampled_from(["amira", "dara", "chi", "ben"]), max_size=3),
    others=st.sets(st.sampled_from(["amira", "dara", "chi", "gwen", "ben", "farah"])),
)
def test_nobody_of_another_side_ever_leads_and_nobody_leads_twice(
    role: str, each: bool, agency: str, participants: list[str], others: set[str]
) -> None:
    known = directory()
    excluding = {who(known, name).id for name in others}
    people = [who(known, name).id for name in participants]
    found = known.leaders(role, "each_participant" if each else "agency", agency, people, excluding, DURING)
    assert not {person.id for person in found} & excluding
    assert len({person.id for person in found}) == len(found)


# --- importing again ---


def test_importing_the_same_file_again_changes_nothing() -> None:
    known = directory()
    assert known.changes(read_directory(SMALL, "directory.yaml"), counting()) == []


def test_somebody_no_longer_in_the_file_is_ended_but_still_known() -> None:
    known = directory()
    text = SMALL[: SMALL.index("      - id: farah")]
    changes = known.changes(read_directory(text, "directory.yaml"), counting())
    farah = who(known, "farah").id
    assert changes == [PersonEnded(person=farah)]
    after = known.evolve(changes[0])
    assert after.by_file_id("farah") is None
    person = after.person(farah)
    assert person is not None
    assert (person.name, person.ended) == ("Farah Siddiqui", True)


def test_somebody_who_has_ended_is_not_found_by_their_account() -> None:
    known = directory()
    assert known.evolve(PersonEnded(person=who(known, "amira").id)).by_account("slack:T0001/U0001") is None


def test_somebody_who_comes_back_is_the_same_person() -> None:
    known = directory()
    amira = who(known, "amira")
    away = known.evolve(PersonEnded(person=amira.id))
    back = away.evolve_all(away.changes(read_directory(SMALL, "directory.yaml"), counting()))
    assert who(back, "amira") == amira


def test_a_change_in_the_file_changes_that_person_alone() -> None:
    known = directory()
    changes = known.changes(read_directory(changed("Amira Khan", "Amira Khan-Lee"), "f"), counting())
    expected = who(known, "amira").model_copy(update={"name": "Amira Khan-Lee"})
    assert changes == [PersonRecorded(person=expected)]


def test_an_agency_no_longer_in_the_file_is_ended_with_its_people() -> None:
    known = directory()
    text = SMALL[: SMALL.index("  - id: trust")]
    after = known.evolve_all(known.changes(read_directory(text, "f"), counting()))
    assert [agency.id for agency in after.open_agencies()] == ["asc"]
    assert after.people_of("trust") == []
    trust = after.agency("trust")
    assert trust is not None
    assert trust.ended


def test_somebody_named_in_a_form_keeps_their_id_when_a_file_lists_them() -> None:
    known = directory()
    named = known.named("Pat Quill", "pat@example.org", "trust", lambda: "p" + "f" * 20)
    with_pat = known.evolve(named)
    assert not named.person.confirmed
    assert with_pat.by_email("PAT@example.org") == named.person
    assert with_pat.changes(read_directory(SMALL, "f"), counting()) == []

    listed = SMALL + "      - {id: pquill, name: Pat Quill, email: Pat@example.org}\n"
    after = with_pat.evolve_all(with_pat.changes(read_directory(listed, "f"), counting()))
    pat = who(after, "pquill")
    assert (pat.id, pat.confirmed) == (named.person.id, True)


def test_a_file_that_does_not_say_who_chairs_the_board_leaves_the_chair() -> None:
    known = directory()
    assert known.changes(read_directory(changed("board:\n  sab_chair: zoe\n", ""), "f"), counting()) == []


def test_changes_are_told_apart_again_when_read_back() -> None:
    for change in Directory().changes(read_directory(SMALL, "f"), counting()):
        assert DIRECTORY_CHANGE.validate_json(DIRECTORY_CHANGE.dump_json(change)) == change


# --- files that are refused ---


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("line_manager: dara", "line_manager: dora", "agencies[asc].people[amira].line_manager", '"dora"'),
        ("by: chi", "by: chris", "agencies[asc].people[dara].cover.by", '"chris"'),
        ("by: chi", "by: dara", "agencies[asc].people[dara].cover.by", "Somebody else"),
        ("sab_chair: zoe", "sab_chair: zara", "board.sab_chair", '"zara"'),
        ("from: 2026-12-01", "from: 1 December", "agencies[asc].people[dara].cover.from", "2026-12-01"),
        ("from: 2026-12-01", "from: 2026-12-31", "agencies[asc].people[dara].cover", "ends before it begins"),
        ("from: 2026-12-01", "from: 5", "agencies[asc].people[dara].cover.from", "not a date"),
        (
            "roles: [senior_manager]",
            "roles: [boss]",
            "agencies[asc].people[gwen].roles[1].role",
            "'senior_manager'",
        ),
        (
            "roles: [senior_manager]",
            "role: boss",
            "agencies[asc].people[gwen].role",
            "not a key that we know",
        ),
        (
            "roles: [senior_manager]",
            "roles: senior_manager",
            "agencies[asc].people[gwen].roles",
            "must be a list",
        ),
        ("name: Zoe Marchetti", "time_zone: Europe/Paris", "agencies[asc].people[zoe].name", "missing"),
        (
            "name: Zoe Marchetti",
            "name: Z\n        time_zone: Mars",
            "agencies[asc].people[zoe].time_zone",
            "time zone",
        ),
        ("name: Zoe Marchetti", "name: Z\n        phone: 999", "agencies[asc].people[zoe].phone", "quotes"),
        ("name: Zoe Marchetti", "name: Z\n        email: zoe", "agencies[asc].people[zoe].email", "e-mail"),
        ("teams:TENANT/OBJECT", "irc:amira", "agencies[asc].people[amira].accounts[2]", "not an account"),
        (
            "teams:TENANT/OBJECT",
            "teams:riverbank.example.org/amira@example.org",
            "agencies[asc].people[amira].accounts[2]",
            "two ids from Entra",
        ),
        ("slack:T0001/C0001", "general", "agencies[asc].room", "not a room"),
        (
            "slack:T0001/C0001",
            "teams:TENANT/19%3Aabc%40thread.tacv2",
            "agencies[asc].room",
            '":" for %3A and "@" for %40',
        ),
        (
            "name: Gwen Price",
            "name: G\n        line_manager: dara",
            "agencies[asc].people[gwen].line_manager",
            "comes back",
        ),
        (
            "name: Gwen Price",
            "name: G\n        line_manager: gwen",
            "agencies[asc].people[gwen].line_manager",
            "comes back",
        ),
        ("id: trust", "id: asc", "agencies[asc].id", "used twice"),
        ("id: chi\n", "id: amira\n", "agencies[asc].people[amira].id", "listed twice"),
        ("id: ben\n", "id: amira\n", "agencies[trust].people[amira].name", "another name"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_line_and_field(
    old: str, new: str, field: str, says: str
) -> None:
    text = changed(old, new)
    with pytest.raises(DirectoryProblem) as refused:
        read_directory(text, "people.yaml")
    found = next((problem for problem in refused.value.problems if problem.field == field), None)
    assert found is not None, str(refused.value)
    assert says in found.sentence
    assert found.file == "people.yaml"
    assert 0 < found.line <= text.count("\n")


def test_an_account_belongs_to_one_person() -> None:
    text = SMALL + '        accounts: ["slack:T0001/U0001"]\n'
    with pytest.raises(DirectoryProblem) as refused:
        read_directory(text, "people.yaml")
    [problem] = refused.value.problems
    assert (problem.line, problem.field) == (text.count("\n"), "agencies[trust].people[farah].accounts[1]")
    assert '"amira"' in problem.sentence


# --- CSV ---

CSV = """\
agency,agency_name,kind,id,name,email,roles,line_manager,accounts,phone
asc,Adult Social Care,local_authority,amira,Amira Khan,amira@example.org,,dara,slack:T1/U1; teams:T/O,
asc,,,dara,"Lewis, Dara",,line_manager;safeguarding_lead,,,
trust,Health Trust,nhs_trust,ben,Ben Osei,,,,,
"""


def test_a_directory_as_csv_has_a_row_for_each_person() -> None:
    file = read_directory("\ufeff" + CSV.replace("\n", "\r\n"), "people.csv", fmt="csv")
    assert [(agency.id, agency.name) for agency in file.agencies] == [
        ("asc", "Adult Social Care"),
        ("trust", "Health Trust"),
    ]
    amira, dara, _ben = file.people
    assert amira.accounts == ("slack:T1/U1", "teams:T/O")
    assert amira.memberships[0].line_manager == "dara"
    assert dara.name == "Lewis, Dara"
    assert [held.role for held in dara.memberships[0].roles] == ["line_manager", "safeguarding_lead"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        (",phone\n", ",phone,hobby\n", 1, "hobby", "not a column"),
        ("agency,agency_name", "agncy,agency_name", 1, "agency", "missing"),
        (",line_manager;safe", ",boss;safe", 3, "agencies[asc].people[dara].roles[1].role", "'line_manager'"),
        (",dara,slack", ",dora,slack", 2, "agencies[asc].people[amira].line_manager", '"dora"'),
        ("trust,Health Trust", "asc,Health Trust", 4, "agency_name", "another agency_name"),
        ("Ben Osei,,,,,", "Ben Osei,,,,,,,", 4, "", "more cells"),
        ("Ben Osei", "", 4, "agencies[trust].people[ben].name", "can't be empty"),
        ("slack:T1/U1", "U1", 2, "agencies[asc].people[amira].accounts[1]", "not an account"),
        ('"Lewis, Dara"', '"Lewis" Dara', 3, "", "not CSV"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_line(
    old: str, new: str, line: int, field: str, says: str
) -> None:
    assert old in CSV
    with pytest.raises(DirectoryProblem) as refused:
        read_directory(CSV.replace(old, new, 1), "people.csv", fmt="csv")
    problem = next((found for found in refused.value.problems if found.field == field), None)
    assert problem is not None, str(refused.value)
    assert (problem.file, problem.line) == ("people.csv", line)
    assert says in problem.sentence


@settings(max_examples=100, deadline=None)
@given(
    cut=st.integers(0, 900),
    put=st.sampled_from(["", ":", '"', "[", "- ", "\n", ",", "\x00", "é", "{}", ";"]),
    as_csv=st.booleans(),
)
def test_any_slip_of_the_hand_is_read_or_refused_but_never_a_traceback(
    cut: int, put: str, as_csv: bool
) -> None:
    whole = CSV if as_csv else SMALL
    cut %= len(whole)
    text = whole[:cut] + put + whole[cut + 1 :]
    try:
        read_directory(text, "f", fmt="csv" if as_csv else "yaml")
    except DirectoryProblem as refused:
        lines = [problem.line for problem in refused.problems]
    else:
        return
    assert lines
    assert all(0 <= line <= text.count("\n") + 1 for line in lines)


def test_agencies_come_before_the_people_who_stand_in_them() -> None:
    changes = Directory().changes(read_directory(SMALL, "f"), counting())
    assert [isinstance(change, AgencyRecorded) for change in changes] == [True, True, *[False] * 8]


def test_a_directory_of_thousands_is_imported_and_found_in_quickly() -> None:
    rows = [
        f"a{n % 40},Agency {n % 40},other,p{n},Person {n},p{n}@example.org,,,slack:T/U{n},"
        for n in range(5000)
    ]
    header = CSV.splitlines()[0]
    known = Directory()
    known = known.evolve_all(
        known.changes(read_directory("\n".join([header, *rows]), "f", fmt="csv"), counting())
    )
    found = known.by_account("slack:T/U4321")
    assert found is not None
    assert found.file_id == "p4321"
