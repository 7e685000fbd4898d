"""One path of one beat: run it on symbols, then show every claim of what comes out."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from inspect import signature
from time import monotonic
from typing import Any, get_type_hints

import attrs
from attrs import define, evolve, field, frozen

from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Machine, Rejected
from clearspec_proofs.executor.arithmetic import active, on_plain_integers, root
from clearspec_proofs.executor.congruence import Congruence
from clearspec_proofs.executor.forks import Forks, branching
from clearspec_proofs.executor.merging import refuse_own
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.replay import Counterexample, Values, broken, concrete, models
from clearspec_proofs.executor.symbols import misfit, symbolic, world_of
from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import TRUE, Formula, Infeasible, Unsupported, any_of, both, formula, negated
from clearspec_proofs.solving.obligations import BOTH, Learned, Obligations, joint
from clearspec_proofs.solving.store import Store, Texts

Prefix = tuple[int, ...]
Pair = tuple[Any, Any]

NO_CRASH = "no-crash"

KNOWN_LIMIT = 5.0
"""Seconds for a question of a law that is known to be open."""

MOST_TRIES = 4
"""Of finding a witness of a beat, if no random run has one."""


@frozen
class Finding:
    """What is known of one claim on one path, and of each solver that shows it in which texts."""

    code: str
    verdict: str
    texts: Texts = field(factory=dict)
    seconds: float = 0.0
    reason: str = ""
    counterexample: Counterexample | None = None


@frozen
class Report:
    """One path: how it ended, what was found, which paths branch off from it, and the decisions that lead along it."""

    ending: str
    findings: tuple[Finding, ...] = ()
    alternatives: tuple[Prefix, ...] = ()
    reason: str = ""
    witness: bool = False
    path: Prefix = ()


@define
class Followed:
    """A beat, or a law, as it was followed along one path: what it was asked of, and how that ended."""

    path: Path
    before: Any = None
    beat: Any = None
    outcome: Any = None
    ending: str = "infeasible"
    reason: str = ""


def follow(
    machine: Machine[Any],
    kind: "type | Claim",
    prefix: Prefix,
    then: Callable[[Followed], None],
    forks: Forks | None = None,
    make: Callable[[Prefix, Forks | None], Path] = Path,
) -> Followed:
    """Run a beat of this type, or a law, along one path, and go on with `then` while the path is active."""
    run = Followed(make(prefix, forks))
    path = run.path
    with active(path):
        try:
            path.world = world_of(machine)
            try:
                if isinstance(kind, Claim):
                    run.beat = _arguments(machine, kind)
                    run.outcome = kind.holds(*run.beat)
                else:
                    _enter(machine, kind, run)
                    run.outcome = machine.spec.beat(run.before, run.beat)
            except Exception as error:
                refuse_own(error)
                run.ending, run.reason = "crash", f"{type(error).__name__}: {error}"
            else:
                rejected = isinstance(run.outcome, Rejected)
                run.ending = "rejected" if rejected else "accepted"
                if rejected and kind not in machine.spec.commands:
                    run.ending, run.reason = "crash", f"rejected though due: {run.outcome.reason}"
                elif not rejected and not isinstance(kind, Claim):
                    _refuse_other_states(machine, run.outcome)
            if path.signal is not None:
                raise path.signal
            then(run)
            if path.signal is not None:
                raise path.signal
        except Infeasible as signal:
            run.ending, run.reason = "infeasible", str(signal)
        except Unsupported as signal:
            run.ending, run.reason = "unsupported", str(signal)
    return run


def _refuse_other_states(machine: Machine[Any], outcome: Any) -> None:
    """Refuse a state after the beat that is none of those that are supposed before one: the induction ends there."""
    if type(outcome) is not Accepted:
        raise Unsupported(f"a beat returns {type(outcome).__name__}, neither Accepted nor Rejected")
    wrong = misfit(type(machine.spec.initial), outcome.state, machine.spec.initial, dict(machine.spec.shape))
    if wrong is not None:
        raise Unsupported(f"after the beat {wrong}")


def _enter(machine: Machine[Any], kind: type, run: Followed) -> None:
    due = _due(machine, run)
    if kind in machine.spec.commands:
        if due is not None:
            raise Infeasible("another beat is due")
        run.beat = symbolic(kind, "c", None, dict(machine.spec.shape))
    else:
        if type(due) is not kind:
            raise Infeasible("another beat is due, or none")
        run.beat = due
    run.path.world.suppose()


def _due(machine: Machine[Any], run: Followed) -> Any:
    """What is due in any state of the machine."""
    before = run.before = symbolic(type(machine.spec.initial), "s", machine.spec.initial, dict(machine.spec.shape))
    run.path.world.hypotheses = {
        claim.code: lambda claim=claim: claim.holds(before)
        for claim in machine.spec.claims
        if claim.kind is Kind.STATE and not claim.unproved
    }
    due = machine.spec.due(before)
    if due is not None and type(due) not in machine.spec.beats:
        raise Unsupported(f"due is {type(due).__name__}, which stands not among the internal beats of the machine")
    return due


def entrances(machine: Machine[Any], make: Callable[[Prefix], Path] = Path) -> dict[type, list[Prefix]]:
    """The paths into each beat: every way to find out what is due, followed once for all beats.

    A path on which that fails leads into each of them, so that each says so.
    """
    ways: dict[type, list[Prefix]] = {kind: [] for kind in (*machine.spec.commands, *machine.spec.beats)}
    left: list[Prefix] = [()]
    while left:
        run = Followed(make(left.pop()))
        path, kinds = run.path, list(ways)
        with active(path):
            try:
                path.world = world_of(machine)
                due = _due(machine, run)
                if path.signal is not None:
                    raise path.signal
                kinds = list(machine.spec.commands) if due is None else [type(due)]
            except Infeasible:
                kinds = []
            except (Exception, Unsupported):
                pass
        for kind in kinds:
            ways.setdefault(kind, []).append(tuple(path.decisions))
        left.extend(path.alternatives)
    return ways


def _arguments(machine: Machine[Any], law: Claim) -> tuple[Any, ...]:
    """Any arguments of these types, as long as some sample of them; which one is a decision of the path."""
    hints = get_type_hints(law.holds)
    names = list(signature(law.holds).parameters)
    samples = samples_of(law)
    sample = samples[root().choose(len(samples), LAW)]
    return tuple(
        symbolic(hints[name], name, template, dict(machine.spec.shape))
        for name, template in zip(names, sample, strict=True)
    )


LAW = "which lengths the arguments of a law have"

DRAWN, MOST_LENGTHS = 40, 8
"""Samples that are drawn of the arguments of a law, and how many kinds of lengths they may have."""


def samples_of(law: Claim) -> list[tuple[Any, ...]]:
    """One sample of the arguments of a law for each of the lengths that their tuples have."""
    assert law.sample is not None
    found: dict[Any, tuple[Any, ...]] = {}
    for seed in range(DRAWN):
        sample = law.sample(SeededChoices(seed))
        found.setdefault(_lengths(sample), sample)
    if len(found) > MOST_LENGTHS:
        raise Unsupported(f"the samples of its arguments have tuples of more than {MOST_LENGTHS} lengths: draw fewer")
    return list(found.values())


def _lengths(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_lengths, value))
    if attrs.has(type(value)):
        return tuple(_lengths(getattr(value, each.name)) for each in attrs.fields(type(value)))
    return None


def claims_on(machine: Machine[Any], kind: "type | Claim", codes: Collection[str] | None) -> list[Claim]:
    """The claims that a beat of this type has to keep; of a law, itself."""
    if isinstance(kind, Claim):
        return [kind] if codes is None or kind.code in codes else []
    return [
        claim
        for claim in machine.spec.claims
        if (codes is None or claim.code in codes)
        and not claim.unproved
        and (
            claim.kind is Kind.STATE
            or (claim.kind is Kind.STEP and (not claim.on or kind in claim.on))
            or (claim.kind is Kind.OUTCOME and kind in machine.spec.commands and (not claim.on or kind in claim.on))
        )
    ]


def claims_of(run: Followed, claims: Iterable[Claim]) -> list[Claim]:
    """Those of these claims that say something of the outcome."""
    return [each for each in claims if each.kind is Kind.OUTCOME or isinstance(run.outcome, Accepted)]


def goals_of(run: Followed, claims: Iterable[Claim]) -> dict[str, Formula]:
    """The claims as goals, once none of them names a row any more."""
    world, goals, named = run.path.world, dict[str, Formula](), -1
    while named != sum(len(origin.rows) for origin in world.origins):
        named = sum(len(origin.rows) for origin in world.origins)
        for claim in claims:
            what = (run.outcome.state,) if claim.kind is Kind.STATE else (run.before, run.beat, run.outcome)
            goals[claim.code] = world.claim(partial(claim.holds, *what), supposed=False)
    return goals


def left_to_show(path: Path, goals: Mapping[str, Formula]) -> dict[str, Formula]:
    """What is left to show of each goal; TRUE if it is shown already."""
    left = {code: demanded(path, goal) for code, goal in goals.items()}
    if all(goal is TRUE for goal in left.values()):
        return left
    now = Congruence(path)
    return {code: left_of(path.knowledge, now.formula(goal)) for code, goal in left.items()}


def demanded(path: Path, goal: Formula) -> Formula:
    """What is left to show of a goal, arbitrary rows standing for all."""
    return left_of(path.knowledge, path.world.demanded(path.knowledge.simplified(goal)))


def left_of(knowledge: Knowledge, goal: Formula) -> Formula:
    """What is left to show of a goal, of which what is known is known."""
    left = knowledge.simplified(goal)
    return both(*(part for part in conjuncts(left) if not knowledge.refutes(negated(part))))


def crashing(path: Path) -> Formula:
    """What has to be shown of a path that ends in an exception: that it cannot be, or that nothing raises one where it
    was decided that something does."""
    decided = [fact.parts[0] for fact in path.knowledge.facts if fact.kind == "not" and fact.parts[0].kind == "every"]
    found: Formula = path.world.demanded(any_of(*decided))
    return found  # what was decided would make it false, were it not instantiated first


def conjuncts(goal: Formula) -> tuple[Formula, ...]:
    """The parts that all have to hold."""
    return goal.parts if goal.kind == "and" else (goal,)


class Prover:
    """Follows paths and shows claims, with two solvers of its own."""

    def __init__(
        self,
        machine: Machine[Any],
        codes: Collection[str] | None,
        timeout: float,
        witnessed: "Collection[type | Claim] | Mapping[type | Claim, Pair]" = (),
        store: Store | None = None,
        known: "Collection[tuple[Any, str]]" = (),
    ) -> None:
        """Of a beat and a claim that is `known` nothing is asked.  Of what is `witnessed` some run may be given."""
        self.machine, self.codes, self.obligations = machine, codes, Obligations(timeout, store)
        self._given = (machine.spec.initial, *machine.drive.variants.values())
        self._given_up: set[tuple[Any, str]] = set(known)
        self._timeout = timeout
        self._tried: dict[type | Claim, int] = dict.fromkeys(witnessed, MOST_TRIES)
        self._denied: dict[type | Claim, frozenset[str]] = {}
        self._runs = witnessed if isinstance(witnessed, Mapping) else {}

    def stop(self) -> None:
        """End the solvers."""
        self.obligations.stop()

    def reports(self, kind: type | Claim, prefix: Prefix, wanted: Callable[[], bool]) -> list[Report]:
        """Follow all paths that start so, but those that are left since another worker `wanted` some."""
        if isinstance(kind, Claim):
            return [self.report(kind, prefix)]
        self.obligations.start()
        self.obligations.learned()
        return branching(
            Forks(wanted, self._learn),
            lambda forks: self.report(kind, prefix, forks),
            lambda: (self.obligations.learned(), self._given_up, self._tried),
        )

    def failed(self, reason: str) -> Report:
        """The report of a path that could not be followed."""
        return Report("unsupported", reason=reason)

    def _learn(self, learned: tuple[Learned, set[tuple[Any, str]], dict[type | Claim, int]]) -> None:
        """What a copy of this process has found."""
        self.obligations.learn(learned[0])
        self._given_up |= learned[1]
        for kind, tries in learned[2].items():
            self._tried[kind] = max(tries, self._tried.get(kind, 0))

    def report(self, kind: type | Claim, prefix: Prefix, forks: Forks | None = None) -> Report:
        """Follow one path of a beat of this type."""
        findings: list[Finding] = []
        witness = False
        # What is known to be open is asked again, and not waited for.
        known_open = isinstance(kind, Claim) and "law" in kind.open_cells
        self.obligations.timeout = min(self._timeout, KNOWN_LIMIT) if known_open else self._timeout
        self.obligations.patient = not known_open

        def then(run: Followed) -> None:
            nonlocal witness
            findings.extend(self._findings(run, kind))
            if isinstance(kind, Claim):
                witness = True
            elif run.ending == "accepted" and self._tried.get(kind, 0) < MOST_TRIES:
                witness = self._witness(run)
                self._tried[kind] = MOST_TRIES if witness else self._tried.get(kind, 0) + 1

        run = follow(self.machine, kind, prefix, then, forks)
        alternatives, decisions = tuple(run.path.alternatives), tuple(run.path.decisions)
        found = tuple(self._heard(each, self._denied_of(kind)) for each in findings)
        return Report(run.ending, found, alternatives, run.reason, witness, decisions)

    def _denied_of(self, kind: type | Claim) -> frozenset[str]:
        """The claims that Python finds False after the one run of this beat that is known."""
        if kind in self._runs and kind not in self._denied:
            self._denied[kind] = self._false_after(*self._runs[kind])
        return self._denied.get(kind, frozenset())

    def _false_after(self, before: Any, beat: Any) -> frozenset[str]:
        with on_plain_integers():
            claims = claims_on(self.machine, type(beat), self.codes)
            return frozenset(each.code for each in claims if broken(self.machine, before, beat, each.code) is not None)

    def _heard(self, finding: Finding, denied: frozenset[str]) -> Finding:
        """What is known of a claim, once Python has been heard: what it denies is not proved."""
        if finding.code in denied and finding.verdict != "refuted":
            return evolve(finding, verdict="unknown", reason="Python says False of a run of this beat")
        return finding

    def _findings(self, run: Followed, kind: type | Claim) -> Iterable[Finding]:
        if isinstance(kind, Claim):
            goal = crashing(run.path) if run.ending == "crash" else formula(run.outcome)
            yield from self._shown(run, {kind.code: goal})
            return
        if run.ending == "crash":
            yield from self._shown(run, {NO_CRASH: crashing(run.path)})
            return
        claims = claims_of(run, claims_on(self.machine, kind, self.codes))
        claims = [claim for claim in claims if (kind, claim.code) not in self._given_up]
        goals = goals_of(run, claims)
        for code in [claim.code for claim in claims if claim.kind is Kind.STATE]:
            if goals[code] is run.path.world.before[code]:
                del goals[code]
                yield Finding(code, "unchanged")
        yield from self._shown(run, goals)

    def _shown(self, run: Followed, goals: dict[str, Formula]) -> Iterable[Finding]:
        knowledge, open_goals = run.path.knowledge, left_to_show(run.path, goals)
        for code in [code for code, goal in open_goals.items() if goal is TRUE]:
            del open_goals[code]
            yield Finding(code, "normalised")
        if not open_goals:
            return
        started = monotonic()
        parts = dict.fromkeys(part for goal in open_goals.values() for part in conjuncts(goal))
        shown, failing = self.obligations.at_once(knowledge, list(parts))
        seconds = (monotonic() - started) / len(open_goals)
        for code, goal in open_goals.items():
            known = {part: shown[part] for part in conjuncts(goal) if part in shown}
            left = {part: part in failing for part in conjuncts(goal) if part not in shown}
            yield self._alone(run, code, known, left, seconds)

    def _alone(
        self, run: Followed, code: str, known: Mapping[Formula, Texts], left: Mapping[Formula, bool], seconds: float
    ) -> Finding:
        """What is left of a goal, part by part, and of each whether it is known to fail without its products."""
        started, found = monotonic() - seconds, list(known.values())
        self.obligations.about = f"{code} {type(run.beat).__name__}"
        for part, failing in left.items():
            found.append(self.obligations.shown(run.path.knowledge, part, failing))
            if not found[-1]:
                counterexample, reason = self._refuted(run, code, part)
                self._given_up.add((type(run.beat), code))
                verdict = "refuted" if counterexample else "unknown"
                return Finding(code, verdict, {}, monotonic() - started, reason, counterexample)
        texts = joint(found)
        verdict = "agreed" if texts.keys() == BOTH else "one-solver" if texts else "unknown"
        return Finding(code, verdict, texts, monotonic() - started)

    def _models(self, run: Followed, wanted: Formula, timeout: float) -> Iterator[Values]:
        try:
            inputs = (run.before, run.beat)
            yield from models(
                run.path,
                inputs,
                wanted,
                self.obligations.solvers[0],
                min(self.obligations.timeout, timeout),
                self._given,
            )
        except (Infeasible, Unsupported):
            run.path.signal = None  # said of what was looked for, not of the path

    def _refuted(self, run: Followed, code: str, goal: Formula) -> tuple[Counterexample | None, str]:
        reason = "no solver shows it within its time"
        for values in self._models(run, negated(goal), 3.0):
            before, beat = concrete(run.before, values), concrete(run.beat, values)
            reason = "a counterexample does not replay: not inductive, or a limit of the prover: strengthen"
            with on_plain_integers():
                wrong = broken(self.machine, before, beat, code)
            if wrong is not None:
                return Counterexample(before, beat, f"{before}\n-- {beat} -->\n{wrong}"), "fails on plain integers"
        return None, f"open: {goal!r}"[:400] + f"; {reason}"

    def _witness(self, run: Followed) -> bool:
        for values in self._models(run, TRUE, 2.0):
            before, beat = concrete(run.before, values), concrete(run.beat, values)
            try:
                with on_plain_integers():
                    if isinstance(self.machine.spec.beat(before, beat), Accepted):
                        self._denied[type(beat)] = self._false_after(before, beat)
                        return True
            except Exception:
                continue
        return False
