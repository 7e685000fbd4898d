"""A Merkle sum tree: each node has, for each asset, the sum of what lies under it, and a hash that commits to it all.

Wherever sums stand in a tuple, there is one entry per asset, always in the same order.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from attrs import frozen

from clearspec.core.quantities import Atoms

SUM_WIDTH = 16
"""Bytes of a sum under a hash, big-endian without a sign: at most 2**128 - 1 atoms of an asset."""
COUNT_WIDTH = 8
"""Bytes of a length or of a number of leaves under a hash."""
HASH_WIDTH = 32
"""Bytes of a hash; it is SHA-256."""

LEAF, NODE, EMPTY, ROOT = b"\x00", b"\x01", b"\x02", b"\x03"
"""What is hashed begins with what it is, so that nothing of one kind can be presented as one of another."""


@frozen
class Node:
    """What stands at one place of the tree: what there is under it, and the hash that commits to it."""

    sums: tuple[Atoms, ...]
    hash: bytes


def parent(left: Node, right: Node) -> Node:
    """The node above two: its sums are theirs together, and its hash commits to the sums and the hash of each.

    Rule: PR-2.  H(NODE || left sums || left hash || right sums || right hash).  A hash of the total alone would let
    everybody be shown another split of it.  Requires: both are well formed, with the same number of sums.
    Source: Hu, Zhang and Guo, "Breaking the Binding", ePrint 2018/1139, on what goes wrong otherwise.
    """
    below = encoded(left.sums), left.hash, encoded(right.sums), right.hash
    return Node(total((left, right)), hashed(NODE, *below))


def empty(assets: int) -> Node:
    """The node that stands beside the last one of a level with an odd number of nodes.

    Rule: PR-3.  It adds nothing, and no leaf hashes to it.  Repeating the last node instead would count it twice, and
    give two lists of leaves one root.
    """
    return Node((Atoms(0),) * assets, hashed(EMPTY))


def total(nodes: Iterable[Node]) -> tuple[Atoms, ...]:
    """The sums of the nodes together.  Requires: there is a node, and all have the same number of sums."""
    return tuple(Atoms(sum(each)) for each in zip(*(node.sums for node in nodes), strict=True))


def path(index: int, leaves: int) -> Iterator[tuple[int, int]]:
    """The place above a leaf on each level below the top, and the number of nodes there, from the leaves up.

    Requires: 0 <= index < leaves.
    """
    while leaves > 1:
        yield index, leaves
        index, leaves = index // 2, (leaves + 1) // 2


def beside(place: int) -> int:
    """The place under the same parent.  If it equals the number of nodes of its level, the node there is empty."""
    return place + 1 if place % 2 == 0 else place - 1


def within_width(amounts: Iterable[Atoms]) -> bool:
    """Is no amount negative, and does each fit its width?"""
    return all(0 <= amount < 1 << 8 * SUM_WIDTH for amount in amounts)


def well_formed(node: Node, assets: int) -> bool:
    """Does the node have a sum within its width for each asset, and a hash of the right length?"""
    return len(node.sums) == assets and within_width(node.sums) and len(node.hash) == HASH_WIDTH


def encoded(amounts: tuple[Atoms, ...]) -> bytes:
    """The amounts, each in its width.  Requires: they are within it."""
    return b"".join(amount.to_bytes(SUM_WIDTH, "big") for amount in amounts)


def count(number: int) -> bytes:
    """The number in its width.  Requires: it is within it."""
    return number.to_bytes(COUNT_WIDTH, "big")


def hashed(tag: bytes, *parts: bytes) -> bytes:
    """SHA-256 of the tag and the parts in a row.  Requires: the tag and the total length tell where each part ends,
    or the parts say so themselves."""
    return sha256(tag + b"".join(parts)).digest()
