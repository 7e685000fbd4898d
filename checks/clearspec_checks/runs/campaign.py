"""A seeded campaign: many random commands, every claim checked, and a count of what was reached.

A campaign is a row of episodes.  Each has its own start and its own seed, both of which follow from
its number: so the counts do not depend on how many processes share the work.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from time import monotonic
from typing import Any

from attrs import evolve, field, frozen

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted, Machine
from clearspec_checks.runs.finding import Finding, shrink
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch, always, never
from clearspec_checks.wire.starts import campaign_starts

EPISODE = 300
"""Commands between two fresh starts."""
LAWS = 1 << 40
"""Added to the seed of an episode, for what laws draw."""

JUDGED_FROM = 20_000
"""A campaign of at least so many commands must have reached everything."""


@frozen
class Report:
    """What a campaign did and reached.

    `starts` counts the episodes from each start.
    `unreached` lists what it should have reached and did not; it is a failure only if `judged`.
    """

    machine: str
    seed: int
    commands: int = 0
    seconds: float = 0.0
    starts: Counter[str] = field(factory=Counter)
    accepted: Counter[str] = field(factory=Counter)
    rejected: Counter[str] = field(factory=Counter)
    landmarks: Counter[str] = field(factory=Counter)
    cases: Counter[str] = field(factory=Counter)
    finding: Finding | None = None
    unreached: tuple[str, ...] = ()
    judged: bool = False
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Nothing was violated, and everything was reached if there were commands enough to ask for it."""
        return self.finding is None and not (self.judged and self.unreached)


@frozen
class Episode:
    """What one episode counted, and the finding that ended it, if any."""

    start: str
    commands: int
    accepted: Counter[str]
    rejected: Counter[str]
    landmarks: Counter[str]
    cases: Counter[str]
    finding: Finding | None


def campaign(
    machine: Machine[Any],
    commands: int,
    seed: int = 0,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
    processes: int = 1,
    every: int = 1,
    judged_from: int = JUDGED_FROM,
    shrink_seconds: float = 30,
) -> Report:
    """Run so many commands; state claims are checked at every `every`-th of them, all other claims always.

    `on_progress` hears how many commands are done.  Ctrl-C ends it with the report so far.
    A finding is shrunk for `shrink_seconds` at most.
    """
    begun = monotonic()
    report = Report(machine.name, seed)
    lengths = [EPISODE] * (commands // EPISODE) + ([commands % EPISODE] if commands % EPISODE else [])
    try:
        for episode in _episodes(machine, seed, lengths, processes, every):
            report = _added(report, episode)
            on_progress(report.commands)
            if episode.finding is not None:
                break
    except KeyboardInterrupt:
        report = evolve(report, interrupted=True)
    if report.finding is not None and report.finding.commands and shrink_seconds > 0:
        report = evolve(report, finding=shrink(machine, report.finding, shrink_seconds))
    judged = report.commands >= judged_from and report.finding is None
    return evolve(report, seconds=monotonic() - begun, unreached=unreached(machine, report), judged=judged)


def unreached(machine: Machine[Any], report: Report) -> tuple[str, ...]:
    """Commands, beats, reasons, landmarks and claims that no command of the campaign reached."""
    beats = [each.__name__ for each in (*machine.spec.commands, *machine.spec.beats)]
    return (
        *(f"{name} accepted" for name in beats if not report.accepted[name]),
        *(f"rejected: {reason.name}" for reason in machine.spec.reasons if not report.rejected[reason.name]),
        *(f"landmark: {name}" for name in machine.drive.landmarks if not report.landmarks[name]),
        *(f"a case of {each.code}" for each in machine.spec.claims if not report.cases[each.code]),
    )


def run_episode(machine: Machine[Any], seed: int, every: int, number_and_length: tuple[int, int]) -> Episode:
    """One episode: a fresh start, then as many commands as it is long."""
    number, length = number_and_length
    beginnings = campaign_starts(machine)
    start = tuple(beginnings)[number % len(beginnings)]
    choices = SeededChoices(seed * 1_000_003 + number)
    # Laws draw from choices of their own: one law more must not change which commands are run.
    of_laws = SeededChoices(LAWS + seed * 1_000_003 + number)
    watch, state, commands = Watch(machine), beginnings[start], []
    finding = None
    try:
        watch.begin(state)
        for i in range(length):
            watch.sample_law(number * EPISODE + i, of_laws)
            commands.append(machine.drive.generate(state, choices))
            outcome = watch.run(state, commands[-1], always if i % every == 0 else never)
            if isinstance(outcome, Accepted):
                state = outcome.state
    except Violation as violation:
        about_commands = violation.command is not None
        finding = Finding(
            machine.name, start, tuple(commands) if about_commands else (), violation.code, str(violation)
        )
    return Episode(start, len(commands), watch.accepted, watch.rejected, watch.landmarks, watch.cases, finding)


def _episodes(machine: Machine[Any], seed: int, lengths: list[int], processes: int, every: int) -> Iterator[Episode]:
    numbered = list(enumerate(lengths))
    if processes == 1 or len(numbered) == 1:
        yield from map(partial(run_episode, machine, seed, every), numbered)
        return
    # Forked workers inherit the machine: its lambdas could not be sent to them.
    with get_context("fork").Pool(processes, _begin_worker, (machine, seed, every)) as pool:
        yield from pool.imap(_run_in_worker, numbered)


_worker: dict[str, Any] = {}


def _begin_worker(machine: Machine[Any], seed: int, every: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers.
    _worker["run"] = partial(run_episode, machine, seed, every)


def _run_in_worker(number_and_length: tuple[int, int]) -> Episode:
    episode: Episode = _worker["run"](number_and_length)
    return episode


def _added(report: Report, episode: Episode) -> Report:
    return evolve(
        report,
        commands=report.commands + episode.commands,
        starts=report.starts + Counter((episode.start,)),
        accepted=report.accepted + episode.accepted,
        rejected=report.rejected + episode.rejected,
        landmarks=report.landmarks + episode.landmarks,
        cases=report.cases + episode.cases,
        finding=episode.finding,
    )
