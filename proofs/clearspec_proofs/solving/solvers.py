"""Z3 and cvc5, each in a child process of its own that is killed when it does not keep its time.

Run as a module, this is the child: it answers questions on its standard input.
"""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import wait
from signal import SIG_IGN, SIGINT, SIGKILL, signal
from time import monotonic, process_time
from typing import IO, Any

from attrs import frozen

Z3, CVC5 = "z3", "cvc5"

SLOWEST, LONG_ENOUGH = 8.0, 0.02
"""On a machine that is busy with other work a solver gets up to so many times its time, as measured on questions longer
than so many seconds."""

MILLIS_EACH = 500
"""For the question whether a core can do without one of its facts."""

Z3_WAYS = {"QF_NRA": "qfnra-nlsat", "QF_LIA": "QF_LIA", "QF_NIA": "simple"}
"""By which tactic Z3 answers a question of each logic; cvc5 is asked as it comes."""


def options(name: str, question: str) -> str:
    """How the solver is asked this question, but for its time; of no question in particular, all ways."""
    if name == CVC5:
        return "default"
    return Z3_WAYS.get(question[11:17], " ".join(Z3_WAYS.values()))


@frozen
class Answer:
    """sat, unsat or unknown; the values of the symbols, or which assertions contradict a goal, if asked for."""

    result: str
    values: dict[str, int]
    seconds: float = 0.0


class Solver:
    """A solver that is started when it is first asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._child: subprocess.Popen[bytes] | None = None
        self._slower = 1.0

    def ask(self, question: str, timeout: float, values: bool = False) -> Answer:
        """Can all that the text asserts hold?"""
        return self._asked(question, timeout, values, 0)[0]

    def cores(self, question: str, goals: int, timeout: float) -> list[Answer]:
        """Of each of the last assertions, so many: can it hold with all that come before these?

        If not, the core is {"number of an assertion": 1, …}, of those that it contradicts; 0 if the others are enough.
        """
        return self._asked(question, timeout, False, goals)

    def _asked(self, question: str, timeout: float, values: bool, goals: int) -> list[Answer]:
        answers: list[Answer] = []
        timeout *= self._slower
        fresh = self._child is None
        try:
            child = self.start()
            assert child.stdin is not None
            _write(child.stdin, (question, timeout, values, goals))
            while len(answers) < max(goals, 1):
                started = monotonic()
                result, found = self._answer(child, timeout + 0.3 + len(question) / 1_000_000)
                if result == "late":
                    self.stop()
                    break
                answers.append(Answer(result, found, monotonic() - started))
        except (OSError, EOFError):
            self.stop()
            if not fresh:  # a copy of this process may have ended it
                return self._asked(question, timeout / self._slower, values, goals)
        return answers + [Answer("unknown", {})] * (max(goals, 1) - len(answers))

    def stop(self) -> None:
        """End the child."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.kill(self._child.pid, SIGKILL)  # also where it is not this copy of the process that started it
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            self._child = None

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the child, if it does not run."""
        self._child = self._child or self._started()
        return self._child

    def _started(self) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [sys.executable, "-m", "clearspec_proofs.solving.solvers", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        if self._answer(child, 30)[0] != "ready":
            raise OSError(f"{self.name} does not start")
        return child

    def _answer(self, child: "subprocess.Popen[bytes]", timeout: float) -> tuple[str, dict[str, int]]:
        assert child.stdout is not None
        if not wait([child.stdout.fileno()], timeout):
            return "late", {}
        result, values, slower = _read(child.stdout)
        if slower:
            self._slower = min(max((self._slower + slower) / 2, 1.0), SLOWEST)
        return result, values


def _write(pipe: IO[bytes], message: Any) -> None:
    packed = json.dumps(message).encode()
    pipe.write(struct.pack(">I", len(packed)) + packed)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    header = pipe.read(4)
    if len(header) < 4:
        raise EOFError
    return json.loads(pipe.read(struct.unpack(">I", header)[0]))


Found = tuple[str, dict[str, int]]


def _ask_z3(question: str, timeout: float, values: bool, goals: int) -> Iterator[Found]:
    import z3

    if goals:
        yield from _cores(question, timeout, goals)
        return
    logic = question[11:17]
    if logic == "QF_NRA":
        solver = z3.Tactic(Z3_WAYS[logic]).solver()
    elif logic == "QF_LIA":
        solver = z3.SolverFor(Z3_WAYS[logic])
    else:
        solver = z3.SolverFor("QF_NIA") if values else z3.SimpleSolver()
    solver.set("timeout", int(timeout * 1000))
    solver.from_string(question)
    result = str(solver.check())
    found: dict[str, int] = {}
    if values and result == "sat":
        model = solver.model()
        found = {each.name(): model[each].as_long() for each in model.decls() if z3.is_int_value(model[each])}
    yield result, found


def _cores(question: str, timeout: float, goals: int) -> Iterator[Found]:
    import z3

    assertions = list(z3.parse_smt2_string(question))
    logic = question[11:17]
    solver = z3.SimpleSolver() if logic == "QF_LIA" else z3.SolverFor(logic)
    if logic == "QF_LIA":
        solver.set("smt.arith.solver", 2)  # the older simplex: here it does not get lost in what is beside the point
    solver.set("timeout", int(timeout * 1000))
    for i, assertion in enumerate(assertions[:-goals]):
        solver.assert_and_track(assertion, str(i))
    for goal in assertions[-goals:]:
        solver.push()
        solver.add(goal)
        result = str(solver.check())
        core = {int(str(each)): assertions[int(str(each))] for each in solver.unsat_core()} if result == "unsat" else {}
        least = core if logic == "QF_LIA" else _without_more(core, goal, logic)
        yield result, {str(i): int(i in least) for i in core}
        solver.pop()


def _without_more(core: dict[int, Any], goal: Any, logic: str) -> dict[int, Any]:
    """The core without what it can do without."""
    import z3

    for i in list(core):
        rest = {j: fact for j, fact in core.items() if j != i}
        solver = z3.Tactic("qfnra-nlsat").solver() if logic == "QF_NRA" else z3.SimpleSolver()
        solver.set("timeout", MILLIS_EACH)
        solver.add(goal, *rest.values())
        if solver.check() == z3.unsat:
            core = rest
    return core


def _ask_cvc5(question: str, timeout: float, *_: int) -> Iterator[Found]:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(int(timeout * 1000)))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, question, "obligation")
    symbols, answer = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        answer += str(command.invoke(solver, symbols))
    yield answer.strip() if answer.strip() in ("sat", "unsat") else "unknown", {}


def end_with_parent() -> None:
    """Do not outlive the process that started this one, where the system can see to that."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)


def _serve(name: str) -> None:
    import resource

    end_with_parent()
    signal(SIGINT, SIG_IGN)  # Ctrl-C is for who asks
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    ask = _ask_z3 if name == Z3 else _ask_cvc5
    __import__(name)
    _write(sys.stdout.buffer, ("ready", {}, 0))
    while True:
        try:
            question, timeout, values, goals = _read(sys.stdin.buffer)
        except EOFError:
            return
        answers, started, began = max(goals, 1), monotonic(), process_time()
        with suppress(Exception):
            for result, found in ask(question, timeout, values, goals):
                busy = process_time() - began
                slower = (monotonic() - started) / busy if busy > LONG_ENOUGH else 0
                _write(sys.stdout.buffer, (result, found, slower))
                answers -= 1
        for _ in range(answers):
            _write(sys.stdout.buffer, ("unknown", {}, 0))


if __name__ == "__main__":
    _serve(sys.argv[1])
