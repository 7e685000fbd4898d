"""Proof of liabilities: what a venue owes its clients, committed to in one root; and whether its reserves cover it.

The venue publishes the root, and hands each client a short proof that his own balances are part of its sums.  The
clients whose proofs hold against one root are, together, owed no more than its sums, unless SHA-256 collides.
"""

from enum import Enum

from attrs import frozen

from clearspec.core.machine import Rejected
from clearspec.core.quantities import Atoms
from clearspec.core.table import Id
from clearspec.mechanisms.sum_tree import (
    COUNT_WIDTH,
    LEAF,
    ROOT,
    Node,
    beside,
    count,
    empty,
    encoded,
    hashed,
    parent,
    path,
    total,
    well_formed,
    within_width,
)

SALT_MIN = 16
"""Bytes of the shortest salt."""


class Reason(Enum):
    """Why leaves or a proof were refused: the requirement that was not met, in order of precedence."""

    CLIENTS_WITHIN_LIMIT = "there is at least one client, and the number of clients fits its width"
    ASSETS_ALIKE = "every leaf has one balance for each asset"
    CLIENT_ONCE = "no client has two leaves"
    SALT_ONCE = "no two leaves have the same salt"
    SALT_LONG = "every salt has at least 16 bytes"
    BALANCES_WITHIN_WIDTH = "no balance is negative, and each fits its width"
    INDEX_WITHIN_CLIENTS = "the place is that of a leaf"
    SIBLINGS_TO_THE_TOP = "there is one sibling for each level below the top"
    SIBLINGS_WELL_FORMED = "every sibling has a hash and, for each asset, a sum that is not negative and fits its width"
    PADDING_EMPTY = "where a level has no sibling, the sibling is empty"
    SUMS_WITHIN_WIDTH = "the sums fit their width"
    SUMS_OF_ROOT = "the leaf and its siblings add up to the sums of the root"
    HASH_OF_ROOT = "the leaf and its siblings hash to the root"


@frozen
class Leaf:
    """What one client is owed.

    Rule: PR-1.  Units: atoms of each asset.  The name is one that the client knows to be his alone: two who took the
    same for theirs could be given the same leaf.  The salt is drawn elsewhere, in secret and for this leaf alone:
    without it, whoever sees the hash of the leaf beside his own could find out whose it is by trying names.
    """

    client: Id
    salt: bytes
    balances: tuple[Atoms, ...]


@frozen
class Root:
    """What the venue publishes.  The hash commits to the sums and to the number of clients too."""

    hash: bytes
    sums: tuple[Atoms, ...]
    clients: int


@frozen
class Tree:
    """The leaves; the levels below the top, from the leaves up and each padded to an even length; and the root."""

    leaves: tuple[Leaf, ...]
    levels: tuple[tuple[Node, ...], ...]
    root: Root


@frozen
class InclusionProof:
    """The place of a leaf, counted from zero, and the siblings along its path, from the leaves up."""

    index: int
    siblings: tuple[Node, ...]


def leaf_node(leaf: Leaf) -> Node:
    """The node of a leaf.

    Rule: PR-1.  H(LEAF || length of salt || salt || length of name || name || balances).  The name is under the hash,
    so that two clients of the same balances have different leaves.  Requires: the balances are within their width.
    """
    # A name may be any string, lone surrogates included; this encoding keeps all of them apart.
    name = leaf.client.encode("utf-8", "surrogatepass")
    parts = count(len(leaf.salt)), leaf.salt, count(len(name)), name, encoded(leaf.balances)
    return Node(leaf.balances, hashed(LEAF, *parts))


def published(clients: int, top: Node) -> Root:
    """The root of a tree of so many clients with this node at its top.

    Rule: PR-4.  H(ROOT || number of clients || sums || hash of the top).
    Requires: the number and the sums are within their widths.
    """
    return Root(hashed(ROOT, count(clients), encoded(top.sums), top.hash), top.sums, clients)


def build(leaves: tuple[Leaf, ...]) -> Tree | Rejected:
    """The tree of these leaves, in the order given.

    Rule: PR-1 … PR-4.  A client who owes has taken a loan, which is an asset of the venue and no negative liability.
    Rejects: CLIENTS_WITHIN_LIMIT, ASSETS_ALIKE, CLIENT_ONCE, SALT_ONCE, SALT_LONG, BALANCES_WITHIN_WIDTH,
    SUMS_WITHIN_WIDTH.
    """
    if not leaves:
        return Rejected(Reason.CLIENTS_WITHIN_LIMIT)
    assets = len(leaves[0].balances)
    if any(len(leaf.balances) != assets for leaf in leaves):
        return Rejected(Reason.ASSETS_ALIKE)
    if len({leaf.client for leaf in leaves}) < len(leaves):
        return Rejected(Reason.CLIENT_ONCE)
    if len({leaf.salt for leaf in leaves}) < len(leaves):
        return Rejected(Reason.SALT_ONCE)
    if any(len(leaf.salt) < SALT_MIN for leaf in leaves):
        return Rejected(Reason.SALT_LONG)
    if not all(within_width(leaf.balances) for leaf in leaves):
        return Rejected(Reason.BALANCES_WITHIN_WIDTH)
    level = tuple(leaf_node(leaf) for leaf in leaves)
    if not within_width(total(level)):
        return Rejected(Reason.SUMS_WITHIN_WIDTH)

    levels: list[tuple[Node, ...]] = []
    while len(level) > 1:
        even = level if len(level) % 2 == 0 else (*level, empty(assets))
        levels.append(even)
        level = tuple(parent(left, right) for left, right in zip(even[::2], even[1::2], strict=True))
    return Tree(leaves, tuple(levels), published(len(leaves), level[0]))


def inclusion(tree: Tree, client: Id) -> InclusionProof | None:
    """The proof that the client's leaf is in the tree, or None if it is not."""
    for index, leaf in enumerate(tree.leaves):
        if leaf.client == client:
            steps = tuple(zip(tree.levels, path(index, len(tree.leaves)), strict=True))
            return InclusionProof(index, tuple(level[beside(place)] for level, (place, _) in steps))
    return None


def verify(root: Root, leaf: Leaf, proof: InclusionProof) -> bool:
    """Does the proof show that the leaf is part of the root?

    Rule: PR-5.
    """
    return first_unmet(root, leaf, proof) is None


def first_unmet(root: Root, leaf: Leaf, proof: InclusionProof) -> Reason | None:
    """The first requirement that the proof does not meet, or None if it shows that the leaf is part of the root.

    Rule: PR-5.  Nothing is required of the arguments but their types: all of them may come from a venue that lies.
    Rejects: CLIENTS_WITHIN_LIMIT, ASSETS_ALIKE, and from SALT_LONG on in order.
    """
    assets = len(root.sums)
    if not 0 < root.clients < 1 << 8 * COUNT_WIDTH:
        return Reason.CLIENTS_WITHIN_LIMIT
    if len(leaf.balances) != assets:
        return Reason.ASSETS_ALIKE
    if len(leaf.salt) < SALT_MIN:
        return Reason.SALT_LONG
    if not within_width(leaf.balances):
        return Reason.BALANCES_WITHIN_WIDTH
    if not 0 <= proof.index < root.clients:
        return Reason.INDEX_WITHIN_CLIENTS
    places = tuple(path(proof.index, root.clients))
    if len(proof.siblings) != len(places):
        return Reason.SIBLINGS_TO_THE_TOP
    if not all(well_formed(sibling, assets) for sibling in proof.siblings):
        return Reason.SIBLINGS_WELL_FORMED
    steps = tuple(zip(places, proof.siblings, strict=True))
    if any(beside(place) == width and sibling != empty(assets) for (place, width), sibling in steps):
        return Reason.PADDING_EMPTY
    top = leaf_node(leaf)
    sums = total((top, *proof.siblings))
    if not within_width(sums):
        return Reason.SUMS_WITHIN_WIDTH
    if sums != root.sums:
        return Reason.SUMS_OF_ROOT
    for (place, _), sibling in steps:
        top = parent(top, sibling) if place % 2 == 0 else parent(sibling, top)
    if published(root.clients, top).hash != root.hash:
        return Reason.HASH_OF_ROOT
    return None


def shortfall(owed: tuple[Atoms, ...], reserves: tuple[Atoms, ...]) -> tuple[Atoms, ...]:
    """What is missing of each asset; a surplus in one does not cover another.

    Rule: PR-6.  Units: atoms of each asset.  Requires: both are of the same assets.
    """
    return tuple(Atoms(max(due - held, 0)) for due, held in zip(owed, reserves, strict=True))


def solvent(owed: tuple[Atoms, ...], reserves: tuple[Atoms, ...]) -> bool:
    """Do the reserves cover what is owed, asset by asset?

    Rule: PR-6.  Requires: both are of the same assets.
    """
    return not any(shortfall(owed, reserves))
