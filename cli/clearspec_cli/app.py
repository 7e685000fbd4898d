"""The commands, their options and their help; what they do stands in the module of the same name."""

from typing import Annotated

import typer

from clearspec_cli.refusal import Refused

app = typer.Typer(
    name="clearspec",
    help="An executable, formally checked reference model of clearing and settlement.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for standard output.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show all of it, also what is folded otherwise.")]
MachineName = Annotated[str | None, typer.Argument(metavar="[MACHINE]", help="One machine; all of them if left out.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same run.")]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")]

INTERRUPTED = 130
"""What typer makes of Ctrl-C."""


def call(arguments: list[str]) -> int:
    """Run the command line; returns the exit code, 0 if the command says that all is well and 1 if not."""
    command = typer.main.get_command(app)
    try:
        result = command.main(arguments or ["--help"], prog_name="clearspec", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        # Some versions of typer carry a click of their own, so its exceptions are known by what they can do.
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "clearspec"
        raise Refused(f"{error.format_message().rstrip('.')}; see {where} --help") from None
    if result == INTERRUPTED:
        raise KeyboardInterrupt
    return result if isinstance(result, int) and not isinstance(result, bool) else int(result is False)


@app.command()
def check(
    quick: Annotated[
        bool, typer.Option("--quick", help="A short campaign, a short exploration, and no proofs unless asked for.")
    ] = False,
    proofs: Annotated[
        bool | None, typer.Option(help="Prove as well, as is usual but for --quick; without, no solver is needed.")
    ] = None,
    seed: Seed = 0,
    jobs: Jobs = 2,
    verbose: Verbose = False,
    json: Json = None,
) -> bool:
    """Check everything: prove, fuzz, explore, replay.

    Ends with one table of all invariants or, with exit code 1, with what failed.
    """
    from clearspec_cli.check import check

    asked = not quick if proofs is None else proofs
    return check(quick=quick, proofs=asked, seed=seed, jobs=jobs, verbose=verbose, json=json)


@app.command()
def prove(
    topics: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]...",
            help="Codes or their beginnings (EX-MAT), files of claims (ledger), beats (Match).",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one solver on one query.")] = 10,
    jobs: Jobs = 2,
    anew: Annotated[bool, typer.Option("--all", help="Do everything again; believe nothing of earlier runs.")] = False,
    keep: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Keep obligations there, in place of .clearspec/obligations."),
    ] = None,
    verify: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Ask the solvers of the obligations kept there again; no model is run."),
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Verify only so many texts, drawn by the seed.")] = None,
    shape: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|all", help="Prove in this other shape of a machine, or in all; the first if left out."
        ),
    ] = None,
    seed: Seed = 0,
    json: Json = None,
) -> bool:
    """Prove invariants on the Python that runs.

    For unbounded values and any number of rows.  Topics of different kinds narrow each other.  What has not changed
    since it was proved is not done again.
    """
    if verify is not None:
        if topics or anew or keep is not None or shape is not None:
            raise Refused("verifying takes all that is kept in a directory: no topics, no --all, no --keep, no --shape")
        from clearspec_cli.verify import verify as verify_kept

        return verify_kept(verify, timeout=timeout, jobs=jobs, sample=sample, seed=seed, json=json)
    if sample is not None:
        raise Refused("a sample is of obligations to verify: say which with --verify DIR")
    from clearspec_cli.prove import prove

    return prove(topics or [], timeout=timeout, jobs=jobs, anew=anew, keep=keep, shape=shape or "", json=json)


@app.command()
def widths(
    machine: MachineName = None,
    beat: Annotated[list[str] | None, typer.Option(help="Only this beat, and others that are named so.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time to ask of each beat, and as much for its paths.")] = 240,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one solver on one query.")] = 3,
    jobs: Jobs = 2,
    runs: Annotated[int, typer.Option(min=0, help="Random runs at the limits, held against the bounds.")] = 5,
    page: Annotated[str | None, typer.Option(metavar="FILE", help="Write the result as a page, too.")] = None,
    json: Json = None,
) -> bool:
    """Bound what a machine stores and computes, under the limits that it publishes.

    Does it fit the words of an engine?  Exit code 1 when a beat is not followed to its end, or what the rules do not
    keep in its range is not said to be so beside the limits.
    """
    from clearspec_cli.widths import Asked, widths

    asked = Asked(tuple(beat or ()), seconds=seconds, timeout=timeout, jobs=jobs, runs=runs)
    return widths(machine, asked, page=page, json=json)


@app.command()
def paths(
    topics: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]...", help="Machines (clearing) or beats (Match); all if left out."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time to look for runs of each machine, before.")] = 30,
    seed: Seed = 0,
    jobs: Jobs = 2,
    json: Json = None,
) -> bool:
    """Hold each path that the prover follows against Python.

    Runs on plain integers go beside the paths; what no path follows is asked of both solvers. Exit code 1 when a run
    does something else than its path.
    """
    from clearspec_cli.paths import paths

    return paths(topics or [], seconds=seconds, seed=seed, jobs=jobs, json=json)


@app.command()
def fuzz(
    machine: MachineName = None,
    commands: Annotated[int, typer.Option(min=1, max=10**9, help="Commands for each machine.")] = 20_000,
    seed: Seed = 0,
    every: Annotated[int, typer.Option(min=1, help="Check state claims only at every so many commands.")] = 1,
    jobs: Jobs = 2,
    verbose: Verbose = False,
    json: Json = None,
) -> bool:
    """Run seeded random commands, every claim checked.

    Counts what was reached: a long campaign that does not reach everything fails.
    """
    from clearspec_cli.fuzz import fuzz

    return fuzz(machine, commands=commands, seed=seed, every=every, jobs=jobs, verbose=verbose, json=json)


@app.command("fuzz-prover")
def fuzz_prover(
    claims: Annotated[int | None, typer.Option(min=1, help="Until so many claims were drawn.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Until so many seconds are over.")] = None,
    seed: Seed = 0,
    json: Json = None,
) -> bool:
    """Draw small machines and claims; what is proved of them is searched on plain Python.

    Goes on until it is interrupted, or as long as is said. Exit code 1 when something false is proved.
    """
    from clearspec_cli.fuzz_prover import fuzz_prover

    return fuzz_prover(claims=claims, seconds=seconds, seed=seed, json=json)


@app.command()
def explore(
    machine: MachineName = None,
    scope: Annotated[str | None, typer.Option(help="One scope; all of them if left out.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time for each scope.")] = 60,
    states: Annotated[int, typer.Option(min=1, help="States for each scope.")] = 1_000_000,
    json: Json = None,
) -> bool:
    """Search small scopes exhaustively, without a solver."""
    from clearspec_cli.explore import explore

    return explore(machine, scope=scope, seconds=seconds, states=states, json=json)


@app.command("run")
def run_scenario(
    scenario: Annotated[str | None, typer.Argument(help="A named scenario, or a JSON file.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the named scenarios.")] = False,
    verbose: Verbose = False,
    json: Json = None,
) -> bool:
    """Run a scenario: what happens after its set-up, and what that changes.

    Each command with its events, the ledger before and after, the claim that it is for, and what was expected.
    """
    from clearspec_cli.run import list_scenarios, run

    if listed or scenario is None:
        if scenario is not None or not listed:
            raise Refused("name a scenario or a file, or ask for the list: clearspec run --list")
        return list_scenarios(json=json)
    return run(scenario, verbose=verbose, json=json)


@app.command()
def explain(
    code: Annotated[str, typer.Argument(help="The code of a claim or a rule, such as EX-LED-1 or EX-GATE-3.")],
    json: Json = None,
) -> bool:
    """Explain a claim or a rule: sentence, source, code, proof."""
    from clearspec_cli.explain import explain

    return explain(code, json=json)


@app.command("list")
def list_all(json: Json = None) -> bool:
    """List machines, invariants, reasons and scenarios."""
    from clearspec_cli.listing import list_all

    return list_all(json=json)


@app.command()
def mutate(
    machine: MachineName = None,
    operators: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Only these kinds of changes, separated by commas: rounding,sign"),
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many mutants, drawn by the seed.")] = None,
    seed: Seed = 0,
    jobs: Jobs = 2,
    matrix: Annotated[bool, typer.Option("--matrix", help="Go on after the first kill: who else kills?")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the results of earlier runs.")] = False,
    proofs: Annotated[bool, typer.Option(help="Let proofs kill, and prove equivalence.")] = True,
    json: Json = None,
) -> bool:
    """Break the rules on purpose; the checks must notice.

    One place at a time, as listed from the syntax tree.  Exit code 1 when a mutant survives.  Results are kept in
    .clearspec/ as long as the sources stay the same.
    """
    from clearspec_cli.mutate import mutate

    return mutate(
        machine,
        operators=operators,
        sample_size=sample,
        seed=seed,
        jobs=jobs,
        matrix=matrix,
        fresh=fresh,
        proofs=proofs,
        json=json,
    )


replays = typer.Typer(help="Drive the model with recorded data: of a market, or of a finding.", no_args_is_help=False)
app.add_typer(replays, name="replay")


@replays.command()
def lobster(
    messages: Annotated[str, typer.Argument(help="A LOBSTER message file.")],
    orderbook: Annotated[str | None, typer.Argument(help="The order-book file that belongs to it.")] = None,
    json: Json = None,
) -> bool:
    """Replay NASDAQ messages in LOBSTER's format and compare every execution."""
    from clearspec_cli.replay import lobster

    return lobster(messages, orderbook, json=json)


@replays.command()
def finding(
    file: Annotated[str, typer.Argument(help="What clearspec prove has left in .clearspec/refutations, as JSON.")],
    json: Json = None,
) -> bool:
    """Run again what was found to be wrong: commands from a start, or one beat of a state.

    Exit code 1 as long as it is.
    """
    from clearspec_cli.replay_finding import replay_finding

    return replay_finding(file, json=json)


studies = typer.Typer(help="Simulate one mechanism and hold it against its law.", no_args_is_help=False)
app.add_typer(studies, name="study")


@studies.command("liquidation-time")
def liquidation_time(
    runs: Annotated[int, typer.Option(min=1, max=10**7, help="Liquidations to simulate.")] = 100_000,
    seed: Seed = 0,
    size: Annotated[
        int, typer.Option(min=1, max=10**15, metavar="LOTS", help="Of the position at entry into liquidation.")
    ] = 1_000,
    plot: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw the histogram and the law; .png or .svg.")
    ] = None,
    json: Json = None,
) -> bool:
    """How many seconds a liquidation takes.

    A tenth of the size at entry in each loop, a loop on the toss of a fair coin once a second, every slice filled.
    Exit code 1 when the simulation is too far from the law.
    """
    from clearspec_cli.study import liquidation_time

    return liquidation_time(runs=runs, seed=seed, size=size, plot=plot, json=json)


@studies.callback()
def _only_liquidation_time() -> None:
    """Keeps the name of the study in the command, also while there is one only."""


@app.command()
def catalogue(
    page: Annotated[str, typer.Option(metavar="FILE", help="The page to write.")] = "docs/claims.md",
    json: Json = None,
) -> bool:
    """Write the catalogue of all claims as a page."""
    from clearspec_cli.catalogue import catalogue

    return catalogue(page, json=json)
