"""clearspec fuzz-prover: machines that were drawn, proved, and searched on plain Python."""

from pathlib import Path

from clearspec_cli.output import Output, counted
from clearspec_cli.progress import progress
from clearspec_cli.proofs import require_prover
from clearspec_cli.refusal import Interrupted

PLACE = Path(".clearspec") / "fuzzer"
"""Where the text of a machine goes of which something false is proved."""


def fuzz_prover(*, claims: int | None, seconds: float | None, seed: int, json: str | None) -> bool:
    """Draw machines until so many claims or seconds are over, and say whether something false was proved."""
    require_prover()
    from clearspec_proofs.fuzzer.loop import Tally, fuzz

    output = Output(json)
    with progress("claims", claims) as show:

        def on_progress(tally: Tally) -> None:
            show(tally.claims, f"{tally.proved:,} proved, {len(tally.wrong)} false")

        tally = fuzz(seed=seed, claims=claims, seconds=seconds, place=PLACE, on_progress=on_progress)
    output.heading(f"{counted(tally.claims, 'claim')} of {counted(tally.machines, 'machine')}, {tally.seconds:.1f} s")
    output.table(("verdict", "claims"), [(each, f"{n:,}") for each, n in tally.verdicts.most_common()], ("claims",))
    output.say(f"looked at {counted(tally.states, 'state')} on plain Python; not done in time: {tally.ended:,}")
    for number, code, what in tally.wrong:
        output.heading(f"{code} of machine {number} is proved, and false")
        output.say(what)
        output.say(f"its text: {PLACE}/fuzzed_{number}.py; again: clearspec fuzz-prover --seed {number} --claims 1")
    if not tally.wrong:
        output.say("nothing false is proved", style="green")
    output.deliver(
        {
            "ok": not tally.wrong and not tally.interrupted,
            "seed": seed,
            "machines": tally.machines,
            "claims": tally.claims,
            "verdicts": dict(sorted(tally.verdicts.items())),
            "proved": tally.proved,
            "states": tally.states,
            "ended": tally.ended,
            "seconds": round(tally.seconds, 3),
            "interrupted": tally.interrupted,
            "wrong": [{"seed": number, "claim": code, "situation": what} for number, code, what in tally.wrong],
        }
    )
    if tally.interrupted:
        raise Interrupted("the figures above are of the machines until then")
    return not tally.wrong
