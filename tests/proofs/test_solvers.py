"""Solvers in processes of their own are heard."""

import os
import resource
from contextlib import ExitStack

import pytest

from clearspec_proofs.solving.solvers import CVC5, Z3, Solver

MORE_THAN_SELECT_CAN_WAIT_FOR = 1_100
FALSE = "(set-logic QF_LIA)\n(assert false)\n(check-sat)\n"


@pytest.mark.parametrize("name", [Z3, CVC5])
def test_a_solver_is_heard_however_much_is_open(name):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MORE_THAN_SELECT_CAN_WAIT_FOR + 400
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"a process may open {hard} files here, and this needs {wanted}")
    solver = Solver(name)
    with ExitStack() as after:
        after.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
        for _ in range(MORE_THAN_SELECT_CAN_WAIT_FOR):
            after.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        after.callback(solver.stop)
        assert solver.ask(FALSE, 10).result == "unsat"
