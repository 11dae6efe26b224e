"""Slack and Teams: what a person waits for, and many reminders at the pace that Teams allows."""

from __future__ import annotations

from rich.table import Table

from benchmarks import reminders, slack, teams
from benchmarks.load import Measured
from benchmarks.reminders import Reminded
from benchmarks.report import Ground, Report, Requirement, table
from benchmarks.slack import SlackFigures
from benchmarks.teams import TeamsFigures

LEAST_OF_TRANSPORT, MOST_SECONDS, MOST_CHECK, MOST_OF_LEAST_TIME = 0.5, 3.0, 0.001, 1.1
NAMES = {
    "escalate": "Escalate, a note and all that follows from it",
    "four commits": "Bolt, answered after four raw commits",
    "before": "Bolt, answered after the listener",
    "default": "Bolt, as it comes",
}

TEAMS_NAMES = {
    "escalate": "Escalate, a note from its form, and all that follows",
    "transport": "Our transport, with nothing behind it",
    "botbuilder": "botbuilder as it comes, a message that does nothing",
    "raw": "aiohttp with a token check",
}
HEADINGS = ("", "clients", "p50 ms", "p99 ms", "a second", "p50 in fsyncs")


async def measure_slack(ground: Ground) -> Report:
    notes = await slack.measure(ground.folder, ground.progress)
    return Report([slack_table(ground.disk, notes)], requirements=slack_requirements(notes))


async def measure_teams(ground: Ground) -> Report:
    turns = await teams.measure(ground.folder, ground.progress, quick=ground.quick)
    return Report([teams_table(ground.disk, turns)], requirements=teams_requirements(turns))


async def measure_reminders(ground: Ground) -> Report:
    reminded = await reminders.measure(ground.folder, ground.progress, quick=ground.quick)
    return Report(requirements=[reminded_requirement(reminded)])


def slack_table(disk: float, notes: SlackFigures) -> Table:
    drawn = table("A slash command, from being sent to being answered", *HEADINGS)
    for clients, figures in ((1, notes.one), (slack.MANY_CLIENTS, notes.many)):
        for kind, name in NAMES.items():
            drawn.add_row(name, str(clients), *_columns(figures[kind], disk))
        drawn.add_section()
    drawn.add_row("Escalate, a button that opens a case", "1", *_columns(notes.opened, disk))
    return drawn


def teams_table(disk: float, turns: TeamsFigures) -> Table:
    drawn = table("An activity on Teams, from being sent to being answered", *HEADINGS)
    for kind, name in TEAMS_NAMES.items():
        drawn.add_row(name, str(teams.CLIENTS), *_columns(turns.rates[kind], disk))
    drawn.add_section()
    drawn.add_row(TEAMS_NAMES["escalate"], str(teams.MOST_CLIENTS), *_columns(turns.busy, disk))
    return drawn


def _columns(figure: Measured, disk: float) -> tuple[str, ...]:
    in_fsyncs = f"{figure.p50 / disk:.1f}"
    return f"{figure.p50 * 1e3:.2f}", f"{figure.p99 * 1e3:.1f}", f"{figure.rate:.0f}", in_fsyncs


def slack_requirements(notes: SlackFigures) -> list[Requirement]:
    note = notes.one["escalate"].p50 / notes.one["four commits"].p50
    return [
        Requirement(
            f"At one client a note takes {note:.2f} times as long, at p50, as Bolt with four raw commits "
            "(at most 1).",
            note <= 1,
        )
    ]


def teams_requirements(turns: TeamsFigures) -> list[Requirement]:
    of_transport = turns.rates["escalate"].rate / turns.rates["transport"].rate
    return [
        Requirement(
            f"On Teams an invoke with its durable write has {of_transport:.2f} of the rate of our transport "
            f"without (at least {LEAST_OF_TRANSPORT}), at {teams.CLIENTS} clients.",
            of_transport >= LEAST_OF_TRANSPORT,
        ),
        Requirement(
            f"Under {teams.MOST_CLIENTS} clients it is answered within {turns.busy.p999:.2f} s at p99.9 "
            f"(at most {MOST_SECONDS}).",
            turns.busy.p999 <= MOST_SECONDS,
        ),
        Requirement(
            f"A token is checked in {turns.check * 1e3:.3f} ms (under {MOST_CHECK * 1e3:.0f}), and all these "
            f"turns made {turns.fetches} calls to the token endpoint (none).",
            turns.check < MOST_CHECK and turns.fetches == 0,
        ),
    ]


def reminded_requirement(reminded: Reminded) -> Requirement:
    times = reminded.seconds / reminded.least
    lost, doubled = reminded.reminders - reminded.marked, reminded.arrived - reminded.reminders
    return Requirement(
        f"{reminded.reminders:,} reminders over three tenants took {reminded.seconds:.0f} s, {times:.2f} "
        f"times the least possible time (at most {MOST_OF_LEAST_TIME}); {lost} were lost, "
        f"{doubled} doubled, {reminded.refused} refused.",
        times <= MOST_OF_LEAST_TIME and not lost and not doubled and reminded.most_to_one == 1,
    )
