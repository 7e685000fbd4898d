"""Bounds of what is stored and computed: overflows that are planted are found, and real runs keep within bounds."""

from multiprocessing import Value

import attrs
import pytest
from attrs import evolve

from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Kind
from clearspec.core.limits import Limits, bits, integers, signed
from clearspec.core.machine import Accepted
from clearspec.core.table import Table
from clearspec_checks.opinions.writes import changes
from clearspec_proofs.solving.obligations import BOTH, Obligations
from clearspec_proofs.widths import widths
from clearspec_proofs.widths.bounds import DOUBLED, FITS, OPEN, UNBOUNDED, WIDE, bits_of
from clearspec_proofs.widths.maxima import broken, maxima
from clearspec_proofs.widths.places import rules
from clearspec_proofs.widths.ranges import outside
from clearspec_proofs.widths.verdicts import KEPT, NOT_KEPT, fields, operations
from clearspec_proofs.widths.widths import follow_beats

TOY = Limits({"accounts.cash": bits(60), "fees": bits(60), "vault": (-(2**60), 0), "*.amount": signed(60)})
REFUSED = (
    "    return posted(bank, Posting(Book.CASH, command.amount, System.VAULT, command.account))",
    "    if command.amount - bank.vault > 2**60 - 1:\n        return Rejected(Reason.AMOUNT_POSITIVE)\n"
    "    return posted(bank, Posting(Book.CASH, command.amount, System.VAULT, command.account))",
)
FEE = "mul_div_ceil(command.amount, 700, RATE_SCALE)"


def toy(load, *changes, limits=TOY):
    return load("toy", *changes).MACHINE.altered(limits=limits)


def verdicts(machine, beats):
    return {each.place: each.verdict for each in fields(machine, beats)}


def operation(beats, text):
    [found] = [each for each in operations(beats) if each.place.text == text]
    return found


def test_with_a_limit_on_deposits_all_that_the_toy_stores_is_kept_and_all_that_it_computes_fits(load) -> None:
    machine = toy(load, REFUSED)
    beats = follow_beats(machine)
    assert verdicts(machine, beats) == dict.fromkeys(("accounts.cash", "fees", "vault"), KEPT)
    assert [each.place.text for each in operations(beats) if each.verdict != FITS] == [f"{FEE}: product"]
    product = operation(beats, f"{FEE}: product")
    assert (product.verdict, bits_of(product.bounds)) == (DOUBLED, 70)
    # What is kept is not known by bounds alone: both solvers had to add up all that is held.
    assert {beat.name: beat.stored["accounts.cash"].verdict for beat in beats if "accounts.cash" in beat.stored} == {
        "Open": "by bounds",
        "Deposit": "agreed",
        "Transfer": "agreed",
    }


def test_without_one_the_field_and_the_beat_are_named(load) -> None:
    machine = toy(load)
    found = {each.place: each for each in fields(machine, follow_beats(machine))}
    assert {place: set(each.not_kept) for place, each in found.items() if each.verdict == NOT_KEPT} == {
        "accounts.cash": {"Deposit"},
        "vault": {"Deposit"},
    }
    assert "c.amount" in found["vault"].not_kept["Deposit"]


@pytest.mark.parametrize(
    ("formula", "text", "verdict", "count"),
    [
        ("command.amount * 70_000_000 // 10**11", "command.amount * 70000000", DOUBLED, 87),
        ("command.amount * 10**25 // 10**29", "command.amount * 10 ** 25", WIDE, 144),
        ("command.amount * 8 // 10_000", "command.amount * 8", FITS, 63),
        ("command.amount * 16 // 10_000", "command.amount * 16", DOUBLED, 64),
    ],
)
def test_a_planted_overflow_is_found_to_the_bit(load, formula, text, verdict, count) -> None:
    found = operation(follow_beats(toy(load, (FEE, formula)), ["Transfer"]), text)
    assert (found.verdict, bits_of(found.bounds)) == (verdict, count)


def test_what_has_no_published_range_is_unbounded_and_never_fits(load) -> None:
    machine = toy(load, limits=Limits({"accounts.cash": bits(60), "fees": bits(60)}))
    beats = follow_beats(machine)
    assert verdicts(machine, beats)["vault"] == UNBOUNDED
    assert operation(beats, "self.vault + amount").verdict == UNBOUNDED
    assert operation(beats, "command.amount + fee").verdict == UNBOUNDED


def test_what_was_not_followed_to_its_end_is_open(load) -> None:
    machine = toy(load, REFUSED)
    beats = follow_beats(machine, seconds=0)
    assert not all(beat.finished for beat in beats)
    assert KEPT not in verdicts(machine, beats).values()
    beats = follow_beats(machine, ["Deposit"])
    assert beats[0].finished
    assert set(verdicts(machine, beats).values()) == {OPEN}, "a beat that was not asked for may change it, too"


def test_what_nobody_had_time_to_ask_is_open_by_itself(load) -> None:
    machine = toy(load)
    beats = follow_beats(machine, prove=False)
    assert all(beat.finished for beat in beats), "the paths are followed all the same"
    assert {each.place: (each.verdict, each.open_by) for each in fields(machine, beats)} == {
        "accounts.cash": (OPEN, ("Deposit", "Transfer")),
        "fees": (OPEN, ("Transfer",)),
        "vault": (OPEN, ("Deposit",)),
    }


def test_what_no_unfinished_beat_may_change_is_settled(load) -> None:
    machine = toy(load, REFUSED)
    beats = follow_beats(machine, ["Deposit", "Transfer"])
    found = fields(machine, beats, changes(machine, rules(machine)))
    assert {each.place: (each.verdict, each.open_by) for each in found} == {
        "accounts.cash": (OPEN, ("Open",)),
        "fees": (KEPT, ()),
        "vault": (KEPT, ()),
    }
    assert set(verdicts(machine, beats).values()) == {OPEN}, "unless nothing is known of what it may change"


def test_paths_are_followed_when_the_time_for_questions_is_over(load, monkeypatch) -> None:
    clock = Value("d", 0.0)  # the processes that follow branches share it

    def never(*_):
        clock.value += 3
        return {}

    monkeypatch.setattr(widths, "monotonic", lambda: clock.value)
    monkeypatch.setattr(Obligations, "shown", never)
    machine = toy(load)
    beats = follow_beats(machine, ["Deposit"], seconds=3)
    assert beats[0].finished
    assert {each.place: each.verdict for each in fields(machine, beats, lambda beat, _: beat == "Deposit")} == {
        "accounts.cash": NOT_KEPT,
        "fees": KEPT,
        "vault": OPEN,
    }


@pytest.mark.parametrize(("part", "verdict"), [(0, NOT_KEPT), (1, KEPT)])
def test_what_is_said_not_to_be_kept_is_waited_for_a_part_of_the_time(load, monkeypatch, part, verdict) -> None:
    machine = toy(load, limits=evolve(TOY, unkept={"vault": "deposits have no limit"}))
    monkeypatch.setattr(Obligations, "shown", lambda *_: dict.fromkeys(BOTH, ()))
    monkeypatch.setattr(widths, "EXCUSED", part)
    assert verdicts(machine, follow_beats(machine)) == {"accounts.cash": KEPT, "fees": KEPT, "vault": verdict}


def test_an_initial_state_beyond_the_limits_is_not_kept(load) -> None:
    machine = toy(load, REFUSED)
    machine = machine.altered(initial=evolve(machine.spec.initial, fees=2**60))
    assert outside(machine, machine.spec.initial) == [("fees", 2**60)]
    [fees] = [each for each in fields(machine, follow_beats(machine)) if each.place == "fees"]
    assert set(fees.not_kept) == {"initial"}


def test_shares_quotients_sums_searches_and_totals_have_bounds_of_their_own(load) -> None:
    machine = load("words").MACHINE
    beats = follow_beats(machine)
    assert verdicts(machine, beats) == {
        "boxes.content": KEPT,
        "last": KEPT,
        "parts": KEPT,
        "total.boxes.content": NOT_KEPT,
    }

    def width(text):
        return bits_of(operation(beats, text).bounds)

    assert width("mul_div_floor(command.whole, command.part, command.of): product") == 100
    assert width("mul_div_floor(command.whole, command.part, command.of)") == 60
    assert width("sum((part + given for part in state.parts))") == 62
    assert width("spread += part") == 63
    assert width("largest(lambda n: n * n <= number, lambda: isqrt(number), 'WRD-2')") == 30
    assert width("smallest(lambda n: n * n >= number, lambda: isqrt(number), 'WRD-2')") == 31, (
        "2**30 is the first to cover"
    )
    assert all(each.verdict in (FITS, DOUBLED) for each in operations(beats))


def test_real_runs_keep_within_the_bounds_and_come_near_them(load) -> None:
    for machine in (toy(load, REFUSED), load("words").MACHINE):
        bounds = {each.place: each.bounds for each in operations(follow_beats(machine))}
        near = 0
        for seed in range(3):
            real = maxima(machine, 400, seed)
            assert real.keys() <= bounds.keys()
            assert broken(real, bounds, seed) == []
            near += sum((bits_of(real[place]) or 0) >= (bits_of(bounds[place]) or 0) - 1 for place in real)
        assert near > len(bounds), "the runs come to within a bit of most bounds"


def test_a_bound_that_is_too_small_is_broken_by_a_run(load) -> None:
    machine = toy(load, REFUSED)
    bounds = {each.place: each.bounds for each in operations(follow_beats(machine))}
    [place] = [each for each in bounds if each.text == "command.amount + fee"]
    low, high = bounds[place]
    for planted in ((low, high // 4), (high // 4, high)):
        found = broken(maxima(machine, 400), {**bounds, place: planted}, 0)
        assert {each.place for each in found} == {place}


@pytest.mark.parametrize("name", registry.names())
def test_what_is_supposed_of_sums_is_so_in_runs(name, monkeypatch) -> None:
    machine, real = registry.find(name), Table.total
    asked, supposed, beyond = [], set(), set()

    def total(table, measure, *seen, **group):
        asked.append(measure)
        found = real(table, measure, *seen, **group)
        for each in attrs.fields(type(machine.spec.initial)):
            range_ = machine.limits.of(".".join(("total", each.name, measure.__name__, *sorted(group))))
            if range_ is not None:
                supposed.add(measure.__name__)
                if not range_[0] <= found <= range_[1]:
                    beyond.add((measure.__name__, found))
        return found

    monkeypatch.setattr(Table, "total", total)

    def sums(claim):
        asked.clear()
        return claim.kind is Kind.STATE and claim.holds(machine.spec.initial) and asked

    claims = [*filter(sums, machine.spec.claims)]
    for start in (machine.spec.initial, *machine.drive.variants.values()):
        state, choices = start, SeededChoices(3)
        for _ in range(25):
            for _, _, outcome in machine.run(state, machine.drive.generate(state, choices)):
                if isinstance(outcome, Accepted):
                    state = outcome.state
                    assert all(claim.holds(state) for claim in claims)
    assert beyond == set()
    assert len(supposed) > 8


@pytest.mark.parametrize("name", registry.names())
def test_the_default_parameters_are_within_the_published_limits(name) -> None:
    machine = registry.find(name)
    assert outside(machine, machine.spec.initial) == []
    assert {place for place, _ in integers(machine.spec.initial) if machine.limits.of(place) is None} == set()
