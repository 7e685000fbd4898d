"""Z3 and cvc5, each in a child process of its own that is killed when it does not keep its time.

Run as a module, this is the child: it answers questions on its standard input.
"""

import json
import os
import select
import struct
import subprocess
import sys
from time import monotonic
from typing import IO, Any

from attrs import frozen

Z3, CVC5 = "z3", "cvc5"


@frozen
class Answer:
    """sat, unsat or unknown; the values of the symbols, or which assertions are contradictory, if asked for."""

    result: str
    values: dict[str, int]
    seconds: float = 0.0


class Solver:
    """A solver that is started when it is first asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, question: str, timeout: float, values: bool = False, core: bool = False) -> Answer:
        """Can all that the text asserts hold?  A core is {"number of an assertion": 1, …}, where the solver has one."""
        started = monotonic()
        try:
            child = self._child = self._child or self._started()
            assert child.stdin is not None
            _write(child.stdin, (question, timeout, values, core))
            result, found = self._answer(child, timeout + 0.3 + len(question) / 1_000_000)
        except (OSError, EOFError):
            result, found = "unknown", {}
        if result == "late" or (result == "unknown" and self._child is not None and self._child.poll() is not None):
            self.stop()
            result = "unknown"
        return Answer(result, found, monotonic() - started)

    def stop(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
            self._child = None

    def _started(self) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [sys.executable, "-m", "clearspec_proofs.solvers", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        if self._answer(child, 30)[0] != "ready":
            raise OSError(f"{self.name} does not start")
        return child

    def _answer(self, child: "subprocess.Popen[bytes]", timeout: float) -> tuple[str, dict[str, int]]:
        assert child.stdout is not None
        if not select.select([child.stdout], [], [], timeout)[0]:
            return "late", {}
        result, values = _read(child.stdout)
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


def _ask_z3(question: str, timeout: float, values: bool, core: bool) -> tuple[str, dict[str, int]]:
    import z3

    if core:
        return _core(question, timeout)
    if "QF_NRA" in question[:30]:
        solver = z3.Tactic("qfnra-nlsat").solver()
    elif "QF_LIA" in question[:30]:
        solver = z3.SolverFor("QF_LIA")
    else:
        solver = z3.SolverFor("QF_NIA") if values else z3.SimpleSolver()
    solver.set("timeout", int(timeout * 1000))
    solver.from_string(question)
    result = str(solver.check())
    found: dict[str, int] = {}
    if values and result == "sat":
        model = solver.model()
        found = {each.name(): model[each].as_long() for each in model.decls() if z3.is_int_value(model[each])}
    return result, found


def _core(question: str, timeout: float) -> tuple[str, dict[str, int]]:
    import z3

    solver = z3.SolverFor(
        "QF_LIA" if "QF_LIA" in question[:30] else "QF_NRA" if "QF_NRA" in question[:30] else "QF_NIA"
    )
    solver.set("timeout", int(timeout * 1000))
    for i, assertion in enumerate(z3.parse_smt2_string(question)):
        solver.assert_and_track(assertion, str(i))
    result = str(solver.check())
    return result, {str(each): 1 for each in solver.unsat_core()} if result == "unsat" else {}


def _ask_cvc5(question: str, timeout: float, *_: bool) -> tuple[str, dict[str, int]]:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(int(timeout * 1000)))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, question, "obligation")
    symbols, answer = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        answer += str(command.invoke(solver, symbols))
    return answer.strip() if answer.strip() in ("sat", "unsat") else "unknown", {}


def _serve(name: str) -> None:
    import ctypes
    import resource

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, 9)  # do not outlive the prover
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    ask = _ask_z3 if name == Z3 else _ask_cvc5
    __import__(name)
    _write(sys.stdout.buffer, ("ready", {}))
    while True:
        try:
            question, timeout, values, core = _read(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = ask(question, timeout, values, core)
        except Exception:
            answer = ("unknown", {})
        _write(sys.stdout.buffer, answer)


if __name__ == "__main__":
    _serve(sys.argv[1])
