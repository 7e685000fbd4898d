"""Rows that refer to rows: a state in which one is there has to have others, which refer to the first one again."""

import sys
from enum import Enum

from attrs import frozen

from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Rejected, Spec
from clearspec.core.table import Id, Table

Reason = Enum("Reason", "NODE_KNOWN AMOUNT_POSITIVE AMOUNT_SMALL MANY FIRST")


class NodeId(Id): ...


@frozen
class Node:
    next: NodeId
    rank: int = 0


@frozen
class State:
    nodes: Table[NodeId, Node]


@frozen
class Touch:
    """Changes nothing."""

    node: NodeId
    amount: int


@frozen
class Count:
    """Changes nothing, and names no row."""


@frozen
class Find:
    """Changes nothing, and names a row beside the one that it finds."""

    node: NodeId


def beat(state: State, command: Touch | Count | Find) -> Outcome[State]:
    if isinstance(command, Find):
        node = state.nodes.get(command.node)
        if node is None:
            return Rejected(Reason.NODE_KNOWN)
        return Accepted(state) if state.nodes.first(rank, anyone) == command.node else Rejected(Reason.FIRST)
    if isinstance(command, Count):
        return Accepted(state) if state.nodes.total(one) >= 2 else Rejected(Reason.MANY)
    if state.nodes.get(command.node) is None:
        return Rejected(Reason.NODE_KNOWN)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > 5:
        return Rejected(Reason.AMOUNT_SMALL)
    return Accepted(state)


def one(_: Node) -> int:
    return 1


def rank(node: Node) -> int:
    return node.rank


def anyone(_: Node) -> bool:
    return True


@claim("NEXT", "Each node has a next one that is there.", title="each node has a next one", kind=Kind.STATE)
def has_next(state: State) -> bool:
    return state.nodes.every(lambda _, node: state.nodes.get(node.next) is not None)


@claim(
    "APART", "No node is its own next one, nor the next one of that.", title="no ring of one or two", kind=Kind.STATE
)
def of_three_or_more(state: State) -> bool:
    return state.nodes.every(lambda name, node: node.next != name and not leads_to(state.nodes.get(node.next), name))


def leads_to(node: Node | None, name: NodeId) -> bool:
    """Is the node there, and is this its next one?"""
    return node is not None and node.next == name


def machine(*codes: str) -> Machine[State]:
    return Machine(
        name="rings",
        spec=Spec(
            initial=State(Table()),
            beat=beat,
            commands=(Touch, Count, Find),
            reasons=Reason,
            claims=tuple(each for each in claims_of(sys.modules[__name__]) if each.code in codes),
        ),
        drive=Drive(
            generate=lambda _, __: Touch(NodeId("a"), 1),
        ),
    )
