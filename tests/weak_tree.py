"""The weak Merkle sum tree that was proposed first, and how a venue that owes much proves with it that it owes little.

A node hashes the total of its children, H(total || left hash || right hash), and not what each of them contributes.
A leaf hashes a balance and a nonce, and not whose balance it is.  Verification is otherwise as careful as can be: no
negative sum is let through.
"""

from hashlib import sha256

from attrs import frozen

WIDTH = 16


@frozen
class WeakNode:
    sum: int
    hash: bytes


@frozen
class WeakProof:
    index: int
    siblings: tuple[WeakNode, ...]


def weak_leaf(balance: int, nonce: bytes) -> WeakNode:
    return WeakNode(balance, sha256(b"leaf" + balance.to_bytes(WIDTH, "big") + nonce).digest())


def weak_parent(total: int, left: WeakNode, right: WeakNode) -> WeakNode:
    return WeakNode(total, sha256(b"node" + total.to_bytes(WIDTH, "big") + left.hash + right.hash).digest())


def weak_verify(root: WeakNode, leaf: WeakNode, proof: WeakProof) -> bool:
    node, place = leaf, proof.index
    for sibling in proof.siblings:
        if sibling.sum < 0:
            return False
        left, right = (node, sibling) if place % 2 == 0 else (sibling, node)
        node, place = weak_parent(node.sum + sibling.sum, left, right), place // 2
    return node == root and place == 0


def weak_honest(leaves: list[WeakNode]) -> tuple[WeakNode, list[WeakProof]]:
    """The root and everybody's proof, as they should be.  Requires: the number of leaves is a power of two."""
    return _grown(leaves, lambda left, right: left.sum + right.sum)


def weak_understated(leaves: list[WeakNode]) -> tuple[WeakNode, list[WeakProof]]:
    """A root whose sum is the largest single balance, and a proof for everybody that holds against it.

    Each node claims the larger of what its children claim.  Its hash says nothing about the children's sums, so each
    is shown the other with whatever is left.  Requires: the number of leaves is a power of two.
    """
    return _grown(leaves, lambda left, right: max(left.sum, right.sum))


def _grown(leaves, claim):
    level, siblings = list(leaves), [[] for _ in leaves]
    width = 1
    while len(level) > 1:
        parents = []
        for left, right in zip(level[::2], level[1::2], strict=True):
            total = claim(left, right)
            for place in range(width):
                below = 2 * len(parents) * width
                siblings[below + place].append(WeakNode(total - left.sum, right.hash))
                siblings[below + width + place].append(WeakNode(total - right.sum, left.hash))
            parents.append(weak_parent(total, left, right))
        level, width = parents, 2 * width
    return level[0], [WeakProof(index, tuple(each)) for index, each in enumerate(siblings)]
