"""A rule that is wrong, in a module that a prover can read: of each transfer one less is taken."""

from attrs import evolve

import toy


def generous(bank, command):
    """The toy, with one less sent than was asked for."""
    sent = evolve(command, amount=command.amount - 1) if isinstance(command, toy.Transfer) else command
    return toy.RULES[type(sent)](bank, sent)
