"""A proof of liabilities holds for every client of an honest venue, and for a lying one only if the sums are enough."""

import doctest
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from clearspec.core.machine import Rejected
from clearspec.core.table import Id
from clearspec.mechanisms import sum_tree
from clearspec.mechanisms.liabilities import (
    SALT_MIN,
    InclusionProof,
    Leaf,
    Reason,
    Root,
    Tree,
    build,
    first_unmet,
    inclusion,
    leaf_node,
    published,
    shortfall,
    solvent,
    verify,
)
from clearspec.mechanisms.sum_tree import (
    EMPTY,
    HASH_WIDTH,
    LEAF,
    NODE,
    ROOT,
    SUM_WIDTH,
    Node,
    empty,
    encoded,
    hashed,
    parent,
    path,
    total,
)
from weak_tree import weak_honest, weak_leaf, weak_understated, weak_verify

LARGEST = 2**128 - 1
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17)
PAGE = Path(__file__).parents[2] / "docs/exchange/proof-of-reserves.md"


def salt(number: int) -> bytes:
    return sha256(number.to_bytes(8, "big")).digest()[:16]


def leaves_of(*balances: tuple[int, ...]) -> tuple[Leaf, ...]:
    return tuple(Leaf(Id(f"client {i}"), salt(i), each) for i, each in enumerate(balances))


def tree_of(*balances: tuple[int, ...]) -> Tree:
    tree = build(leaves_of(*balances))
    assert isinstance(tree, Tree)
    return tree


def tree_of_size(size: int) -> Tree:
    return tree_of(*((1000 + 7 * i, i % 3) for i in range(size)))


def proof_of(tree: Tree, leaf: Leaf) -> InclusionProof:
    proof = inclusion(tree, leaf.client)
    assert proof is not None
    return proof


BALANCES = st.integers(0, 3).flatmap(
    lambda assets: st.lists(st.tuples(*[st.integers(0, 10**30) | st.integers(0, 3)] * assets), min_size=1, max_size=20)
)


# An honest venue.


@given(BALANCES)
def test_every_proof_holds_and_the_sums_are_those_of_the_balances(balances):
    tree = tree_of(*balances)
    assert tree.root.clients == len(balances)
    assert tree.root.sums == tuple(sum(each) for each in zip(*balances, strict=True))
    for leaf in tree.leaves:
        assert first_unmet(tree.root, leaf, proof_of(tree, leaf)) is None
        assert verify(tree.root, leaf, proof_of(tree, leaf))


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_has_one_sibling_for_each_level(size):
    tree = tree_of_size(size)
    depth = (size - 1).bit_length()
    for place, leaf in enumerate(tree.leaves):
        proof = proof_of(tree, leaf)
        assert (proof.index, len(proof.siblings)) == (place, depth)
        assert len(list(path(place, size))) == depth


def test_the_hashes_are_those_of_the_definition():
    """Written out once more, for three leaves of two assets."""
    leaves = tuple(Leaf(Id(name), bytes([place] * 16), (place, 5)) for place, name in enumerate(("a", "bé", "")))

    def sums(*amounts: int) -> bytes:
        return b"".join(amount.to_bytes(16, "big") for amount in amounts)

    hashes = [
        sha256(b"\0" + bytes(7) + b"\x10" + each.salt + bytes(7) + bytes([len(name)]) + name + sums(place, 5)).digest()
        for place, (each, name) in enumerate(zip(leaves, (b"a", b"b\xc3\xa9", b""), strict=True))
    ]
    left = sha256(b"\1" + sums(0, 5) + hashes[0] + sums(1, 5) + hashes[1]).digest()
    right = sha256(b"\1" + sums(2, 5) + hashes[2] + sums(0, 0) + sha256(b"\2").digest()).digest()
    top = sha256(b"\1" + sums(1, 10) + left + sums(2, 5) + right).digest()
    tree = build(leaves)
    assert isinstance(tree, Tree)
    assert tree.root == Root(sha256(b"\3" + bytes(7) + b"\3" + sums(3, 15) + top).digest(), (3, 15), 3)


@given(BALANCES, st.randoms(use_true_random=False))
def test_the_order_of_the_leaves_changes_the_hash_and_not_the_sums(balances, random):
    leaves = leaves_of(*balances)
    shuffled = list(leaves)
    random.shuffle(shuffled)
    assume(tuple(shuffled) != leaves)
    first, second = build(leaves), build(tuple(shuffled))
    assert first.root.sums == second.root.sums
    assert first.root.hash != second.root.hash


def test_nobody_else_has_a_proof():
    assert inclusion(tree_of_size(3), Id("client 3")) is None


@pytest.mark.parametrize(
    ("leaves", "reason"),
    [
        ((), Reason.CLIENTS_WITHIN_LIMIT),
        (leaves_of((1, 2), (1,)), Reason.ASSETS_ALIKE),
        (leaves_of((1,), (1, 2)), Reason.ASSETS_ALIKE),
        ((Leaf(Id("a"), salt(0), (1,)), Leaf(Id("a"), salt(1), (1,))), Reason.CLIENT_ONCE),
        ((Leaf(Id("a"), salt(0), (1,)), Leaf(Id("b"), salt(0), (1,))), Reason.SALT_ONCE),
        ((Leaf(Id("a"), bytes(15), (1,)),), Reason.SALT_LONG),
        (leaves_of((5,), (-1,)), Reason.BALANCES_WITHIN_WIDTH),
        (leaves_of((5, 0), (5, LARGEST + 1)), Reason.BALANCES_WITHIN_WIDTH),
        (leaves_of((5, LARGEST), (5, 1)), Reason.SUMS_WITHIN_WIDTH),
    ],
)
def test_leaves_are_refused(leaves, reason):
    assert build(leaves) == Rejected(reason)


def test_the_limits_are_reached():
    assert tree_of((LARGEST,)).root.sums == (LARGEST,)
    assert tree_of((LARGEST - 5, 0), (5, LARGEST)).root.sums == (LARGEST, LARGEST)
    assert isinstance(build((Leaf(Id(""), bytes(16), (0,)),)), Tree)


# Any change.


def changed_bytes(data: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(data)):
        yield (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")
    yield from (data[:-1], data + b"\0", b"\0" + data, b"")


def changed_integer(number: int, bits: int) -> Iterator[int]:
    yield from (number ^ 1 << bit for bit in range(bits + 2))
    yield from (-number - 1, number + (1 << bits), number - (1 << bits))


def changed_tuple(entries: tuple, changed, spare) -> Iterator[tuple]:
    for place, entry in enumerate(entries):
        yield from ((*entries[:place], each, *entries[place + 1 :]) for each in changed(entry))
        yield (*entries[:place], *entries[place + 1 :])
    yield (*entries, spare)
    yield (spare, *entries)
    if len(entries) > 1 and entries != entries[::-1]:
        yield entries[::-1]


def changed_sums(sums: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return changed_tuple(sums, lambda each: changed_integer(each, 128), 0)


def changed_node(node: Node) -> Iterator[Node]:
    yield from (evolve(node, sums=each) for each in changed_sums(node.sums))
    yield from (evolve(node, hash=each) for each in changed_bytes(node.hash))


def changed_name(name: Id) -> Iterator[Id]:
    for place, letter in enumerate(name):
        yield from (Id(name[:place] + chr(ord(letter) ^ 1 << bit) + name[place + 1 :]) for bit in range(16))
    yield from (Id(name + "\0"), Id(name[:-1]), Id(name.upper()), Id(""), Id("\ud800"))


def changed(root: Root, leaf: Leaf, proof: InclusionProof) -> Iterator[tuple[Root, Leaf, InclusionProof]]:
    """Everything that differs in one place, each bit of each field among them."""
    yield from ((evolve(root, hash=each), leaf, proof) for each in changed_bytes(root.hash))
    yield from ((evolve(root, sums=each), leaf, proof) for each in changed_sums(root.sums))
    yield from ((evolve(root, clients=each), leaf, proof) for each in changed_integer(root.clients, 64))
    yield from ((root, evolve(leaf, client=each), proof) for each in changed_name(leaf.client))
    yield from ((root, evolve(leaf, salt=each), proof) for each in changed_bytes(leaf.salt))
    yield from ((root, evolve(leaf, balances=each), proof) for each in changed_sums(leaf.balances))
    yield from ((root, leaf, evolve(proof, index=each)) for each in changed_integer(proof.index, 64))
    siblings = changed_tuple(proof.siblings, changed_node, empty(len(root.sums)))
    yield from ((root, leaf, evolve(proof, siblings=each)) for each in siblings)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_no_proof_survives_a_change_of_any_bit(size):
    tree = tree_of_size(size)
    for leaf in tree.leaves:
        tried = 0
        for root, other, proof in changed(tree.root, leaf, proof_of(tree, leaf)):
            assert not verify(root, other, proof), (root, other, proof)
            tried += 1
        assert tried > 1_000


@given(BALANCES, st.data())
def test_no_proof_holds_for_another_leaf_or_another_tree(balances, data):
    tree = tree_of(*balances)
    mine, other = (data.draw(st.sampled_from(tree.leaves)) for _ in range(2))
    proof = proof_of(tree, mine)
    assert verify(tree.root, other, proof) == (other == mine)
    assert verify(evolve(tree.root, hash=published(len(balances) + 1, tree_top(tree)).hash), mine, proof) is False
    renamed = build(tuple(evolve(leaf, client=Id(leaf.client + "!")) for leaf in tree.leaves))
    assert not verify(renamed.root, mine, proof)


def tree_top(tree: Tree) -> Node:
    return parent(*tree.levels[-1]) if tree.levels else leaf_node(tree.leaves[0])


# A venue that lies.  It makes its own nodes, in whatever way suits it, and every proof as it likes.


def forged(clients: int, leaf: Leaf, index: int, *siblings: Node) -> tuple[Root, Leaf, InclusionProof]:
    """A root made for this proof, so that the hashes agree."""
    top = leaf_node(leaf)
    place = index
    for sibling in siblings:
        top, place = (parent(top, sibling) if place % 2 == 0 else parent(sibling, top)), place // 2
    return published(clients, top), leaf, InclusionProof(index, siblings)


MINE = Leaf(Id("mine"), salt(0), (10,))
SHORT = evolve(MINE, salt=bytes(15))
HIDDEN = leaf_node(Leaf(Id("hidden"), salt(1), (7,)))


def test_a_forged_root_is_as_good_as_an_honest_one():
    assert first_unmet(*forged(2, MINE, 0, HIDDEN)) is None
    assert first_unmet(*forged(3, MINE, 2, empty(1), HIDDEN)) is None


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (forged(3, MINE, 2, HIDDEN, HIDDEN), Reason.PADDING_EMPTY),
        (forged(5, MINE, 4, empty(1), HIDDEN, HIDDEN), Reason.PADDING_EMPTY),
        (forged(3, MINE, 2, evolve(HIDDEN, sums=(0,)), HIDDEN), Reason.PADDING_EMPTY),
        (forged(3, MINE, 2, evolve(empty(1), sums=(7,)), HIDDEN), Reason.PADDING_EMPTY),
        (forged(3, MINE, 3, HIDDEN, HIDDEN), Reason.INDEX_WITHIN_CLIENTS),
        (forged(2, MINE, 2, HIDDEN), Reason.INDEX_WITHIN_CLIENTS),
        (forged(2, MINE, -2, HIDDEN), Reason.INDEX_WITHIN_CLIENTS),
        (forged(1, SHORT, 0), Reason.SALT_LONG),
        (forged(2, MINE, 0, HIDDEN, HIDDEN), Reason.SIBLINGS_TO_THE_TOP),
        (forged(3, MINE, 0, HIDDEN), Reason.SIBLINGS_TO_THE_TOP),
        (forged(2, MINE, 0, evolve(HIDDEN, hash=HIDDEN.hash + b"\0")), Reason.SIBLINGS_WELL_FORMED),
        (forged(2, MINE, 0, evolve(HIDDEN, hash=b"")), Reason.SIBLINGS_WELL_FORMED),
    ],
)
def test_a_forged_root_does_not_help(claim, reason):
    assert first_unmet(*claim) == reason


ALONE = Root(b"", (10,), 1)


def requirement_of(root: Root = ALONE, leaf: Leaf = MINE, siblings: tuple[Node, ...] = ()) -> Reason | None:
    return first_unmet(root, leaf, InclusionProof(0, siblings))


def test_whatever_cannot_be_hashed_is_refused_first():
    two = Root(b"", (10,), 2)
    assert requirement_of(root=Root(b"", (10,), 0)) == Reason.CLIENTS_WITHIN_LIMIT
    assert requirement_of(root=Root(b"", (10,), -1)) == Reason.CLIENTS_WITHIN_LIMIT
    assert requirement_of(root=Root(b"", (10,), 2**64)) == Reason.CLIENTS_WITHIN_LIMIT
    assert requirement_of(root=Root(b"", (10,), 2**64 - 1)) == Reason.SIBLINGS_TO_THE_TOP
    assert requirement_of(root=Root(b"", (10, 0), 1)) == Reason.ASSETS_ALIKE
    assert requirement_of(leaf=evolve(MINE, balances=(-1,))) == Reason.BALANCES_WITHIN_WIDTH
    assert requirement_of(leaf=evolve(MINE, balances=(LARGEST + 1,))) == Reason.BALANCES_WITHIN_WIDTH
    for sums in ((-1,), (LARGEST + 1,), (0, 0), ()):
        assert requirement_of(two, siblings=(evolve(HIDDEN, sums=sums),)) == Reason.SIBLINGS_WELL_FORMED
    assert requirement_of(two, siblings=(HIDDEN,)) == Reason.SUMS_OF_ROOT
    assert requirement_of() == Reason.HASH_OF_ROOT


INTEGERS = st.integers(-2, 5) | st.integers() | st.integers(2**128 - 3, 2**128 + 3) | st.integers(2**64 - 3, 2**64 + 3)
HASHES = st.binary(max_size=40)
NAMES = st.text(st.characters(), max_size=3).map(Id)  # lone surrogates too


@st.composite
def garbage(draw):
    """Whatever has the right types; each part, if all goes well, of a form that lets the next one be looked at."""

    def either(good, bad):
        return draw(good if draw(st.integers(0, 9)) else bad)

    def sums(entry):
        return either(st.tuples(*[entry] * assets), st.lists(INTEGERS, max_size=3).map(tuple))

    assets = draw(st.integers(0, 2))
    clients = either(st.integers(1, 9) | st.just(2**64 - 1), INTEGERS)
    index = either(st.integers(0, max(clients - 1, 0)), INTEGERS)
    depth = either(st.just(max(clients - 1, 0).bit_length()), st.integers(0, 70))
    small = st.integers(0, 5) | st.just(LARGEST)
    leaf = Leaf(draw(NAMES), either(st.binary(min_size=16, max_size=40), HASHES), sums(small))
    siblings = [Node(sums(small), either(st.binary(min_size=32, max_size=32), HASHES)) for _ in range(min(depth, 70))]
    siblings = tuple(each if draw(st.booleans()) else empty(assets) for each in siblings)
    added = tuple(sum(each) for each in zip(leaf.balances, *(node.sums for node in siblings), strict=False))
    return (
        Root(draw(HASHES), either(st.just(added), st.lists(INTEGERS, max_size=3).map(tuple)), clients),
        leaf,
        index,
        siblings,
    )


@given(garbage())
@example((Root(b"", (10,), 1), evolve(MINE, client=Id("\ud800\udc00")), 0, ()))
@example((Root(b"", (), 2**64 - 1), Leaf(Id(""), bytes(16), ()), 0, (empty(0),) * 64))
@example((Root(b"", (LARGEST + 8,), 2), MINE, 0, (Node((LARGEST - 2,), bytes(32)),)))
def test_garbage_is_refused_with_a_reason(claim):
    root, leaf, index, siblings = claim
    reason = first_unmet(root, leaf, InclusionProof(index, siblings))
    event(str(reason))
    assert isinstance(reason, Reason)


def test_names_that_look_alike_have_different_leaves():
    names = ("\ud800\udc00", "\U00010000", "\ud800", "\udc00", "é", "e\u0301", "a", "a\0", "")
    assert len({leaf_node(evolve(MINE, client=Id(name))).hash for name in names}) == len(names)
    # Salt and name cannot trade bytes either.
    assert leaf_node(Leaf(Id("xa"), bytes(16), ())).hash != leaf_node(Leaf(Id("a"), bytes(16) + b"x", ())).hash


def test_a_negative_leaf_hides_nothing():
    """The venue owes 10 and 7, and would publish 12 by hiding -5 beside them."""
    assert build((*leaves_of((10,), (7,)), Leaf(Id("hole"), salt(9), (-5,)))) == Rejected(Reason.BALANCES_WITHIN_WIDTH)

    first, second = leaves_of((10,), (7,))
    left, hole = parent(leaf_node(first), leaf_node(second)), Node((-5,), bytes(32))
    with pytest.raises(OverflowError):  # There is no way to hash it as it is.
        parent(left, hole)

    # A sum with a sign is refused where it is shown, and one that wraps around where it is added.
    bits = (2**128 - 5).to_bytes(16, "big")
    root = published(3, Node((12,), hashed(NODE, encoded(left.sums), left.hash, bits, hole.hash)))
    for shown, reason in ((-5, Reason.SIBLINGS_WELL_FORMED), (2**128 - 5, Reason.SUMS_WITHIN_WIDTH)):
        right = Node((shown,), hole.hash)
        assert first_unmet(root, first, InclusionProof(0, (leaf_node(second), right))) == reason
        assert first_unmet(root, second, InclusionProof(1, (leaf_node(first), right))) == reason


@st.composite
def lies(draw):
    """Leaves, the nodes of each level with the sums that the venue hashes for them, true or not, and the root."""
    balances = draw(st.lists(st.integers(0, 20), min_size=1, max_size=6))
    leaves = leaves_of(*((each,) for each in balances))
    level, levels = [leaf_node(leaf) for leaf in leaves], []
    while len(level) > 1:
        shown = [evolve(node, sums=(draw(claim_of(node)),)) for node in level]
        levels.append([*shown, empty(1)] if len(shown) % 2 else shown)
        level = [parent(left, right) for left, right in zip(levels[-1][::2], levels[-1][1::2], strict=True)]
    top = evolve(level[0], sums=(draw(claim_of(level[0])),))
    return leaves, levels, published(len(leaves), top)


def claim_of(node: Node):
    (true,) = node.sums
    truth = st.just(true)
    return truth | truth | truth | truth | truth | truth | st.integers(0, true)


@given(lies())
def test_those_whose_proofs_hold_are_together_owed_no_more_than_the_root_says(lie):
    leaves, levels, root = lie
    convinced = []
    for index, leaf in enumerate(leaves):
        siblings = [level[place ^ 1] for level, (place, _) in zip(levels, path(index, len(leaves)), strict=True)]
        if any(verify(root, leaf, InclusionProof(index, each)) for each in stories(root, leaf, siblings)):
            convinced.append(leaf.balances[0])
    event(f"{len(convinced)} of {len(leaves)} convinced")
    assert sum(convinced) <= root.sums[0]


def stories(root: Root, leaf: Leaf, siblings: list[Node]) -> Iterator[tuple[Node, ...]]:
    """What the venue may show: the siblings as they were hashed, or one with the sum that makes the total come out."""
    yield tuple(siblings)
    missing = root.sums[0] - leaf.balances[0] - sum(node.sums[0] for node in siblings)
    for place, node in enumerate(siblings):
        yield (*siblings[:place], evolve(node, sums=(node.sums[0] + missing,)), *siblings[place + 1 :])


# What the tags are for.


def disguised() -> tuple[Node, Node, Leaf]:
    """Two nodes, and a leaf that is made of the same bytes as their parent.

    The sums of the nodes pass for the lengths of a salt and a name, and part of a hash for the name.
    """
    left = Node((40 << 64,), sha256(b"left").digest())
    hashes = (sha256(number.to_bytes(8, "big")).digest() for number in range(1_000_000))
    right = Node((24 << 64,), next(each for each in hashes if readable(each[:16])))
    data = encoded(left.sums) + left.hash + encoded(right.sums) + right.hash
    name = Id(data[56:80].decode("utf-8", "surrogatepass"))
    return left, right, Leaf(name, data[8:48], (int.from_bytes(data[80:], "big"),))


def readable(data: bytes) -> bool:
    try:
        return data.decode("utf-8", "surrogatepass") is not None
    except UnicodeDecodeError:
        return False


def test_an_inner_node_cannot_be_presented_as_a_leaf(monkeypatch):
    left, right, leaf = disguised()
    assert leaf_node(leaf).hash != parent(left, right).hash
    monkeypatch.setattr(sum_tree, "NODE", LEAF)
    assert leaf_node(leaf).hash == parent(left, right).hash  # It is the tag that tells them apart.


def test_a_whole_branch_cannot_be_presented_as_one_client():
    tree = tree_of_size(4)
    left, right = tree.levels[1]
    claimed = published(2, parent(left, right))
    for leaf in tree.leaves:
        branch = evolve(leaf, balances=left.sums)
        assert first_unmet(tree.root, branch, InclusionProof(0, (right,))) == Reason.SIBLINGS_TO_THE_TOP
        assert first_unmet(claimed, branch, InclusionProof(0, (right,))) == Reason.HASH_OF_ROOT


def test_each_kind_has_a_tag_of_its_own():
    assert len({LEAF, NODE, EMPTY, ROOT}) == 4
    assert {len(tag) for tag in (LEAF, NODE, EMPTY, ROOT)} == {1}


def test_padding_is_no_copy_of_the_last_leaf():
    three, four = tree_of((1,), (2,), (3,)), (*leaves_of((1,), (2,), (3,)), Leaf(Id("client 3"), salt(3), (3,)))
    assert three.root.sums == (6,)
    assert three.levels[0][3] == empty(1) == Node((0,), sha256(b"\2").digest())
    assert build(four).root.hash != three.root.hash
    assert total([empty(1), empty(1)]) == (0,)


# The weak tree, and the same attacks on this one.


def test_an_honest_weak_tree_convinces_everybody():
    leaves = [weak_leaf(balance, salt(i)) for i, balance in enumerate((10, 7, 3, 8))]
    root, proofs = weak_honest(leaves)
    assert root.sum == 28
    assert all(weak_verify(root, leaf, proof) for leaf, proof in zip(leaves, proofs, strict=True))
    assert not weak_verify(root, weak_leaf(11, salt(0)), proofs[0])


@given(st.integers(0, 4).flatmap(lambda depth: st.lists(st.integers(0, 10**9), min_size=2**depth, max_size=2**depth)))
@example([10, 7])
def test_the_weak_tree_convinces_everybody_of_the_largest_balance_alone(balances):
    leaves = [weak_leaf(balance, salt(i)) for i, balance in enumerate(balances)]
    root, proofs = weak_understated(leaves)
    assert root.sum == max(balances)
    assert all(weak_verify(root, leaf, proof) for leaf, proof in zip(leaves, proofs, strict=True))


def test_the_weak_tree_gives_one_leaf_to_all_of_the_same_balance():
    """Nothing in the leaf says whose it is: a thousand clients who are owed 5 make the same check."""
    root, proofs = weak_honest([weak_leaf(5, salt(0)), weak_leaf(9, salt(1))])
    assert weak_verify(root, weak_leaf(5, salt(0)), proofs[0])
    assert root.sum == 14 < 1_000 * 5


@pytest.mark.parametrize("total_claimed", range(17))
def test_no_total_below_what_is_owed_convinces_both(total_claimed):
    """Two leaves, of 10 and 7: every root that the venue could hash, and every split that it could show."""
    leaves = leaves_of((10,), (7,))
    hashes = [leaf_node(leaf).hash for leaf in leaves]
    for left in range(total_claimed + 1):
        split = (left, total_claimed - left)
        top = parent(*(Node((amount,), each) for amount, each in zip(split, hashes, strict=True)))
        root = published(2, top)
        shown = [Node((total_claimed - leaf.balances[0],), hashes[1 - i]) for i, leaf in enumerate(leaves)]
        convinced = [verify(root, leaf, InclusionProof(i, (shown[i],))) for i, leaf in enumerate(leaves)]
        assert convinced == [split[0] == 10, split[1] == 7]
        assert sum(convinced) <= 1


def test_clients_of_the_same_balance_cannot_share_a_leaf():
    clients = tuple(Leaf(Id(f"client {i}"), salt(0), (5,)) for i in range(4))
    assert len({leaf_node(leaf).hash for leaf in clients}) == 4
    tree = build((clients[0], Leaf(Id("other"), salt(1), (9,))))
    proof = proof_of(tree, clients[0])
    assert [verify(tree.root, leaf, proof) for leaf in clients] == [True, False, False, False]


# Reserves.

AMOUNTS = st.integers(0, 10**30)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=4))
def test_a_surplus_in_one_asset_does_not_cover_another(pairs):
    owed, reserves = tuple(due for due, _ in pairs), tuple(held for _, held in pairs)
    missing = shortfall(owed, reserves)
    assert solvent(owed, reserves) == all(due <= held for due, held in pairs) == (missing == (0,) * len(pairs))
    topped_up = tuple(held + more for held, more in zip(reserves, missing, strict=True))
    assert solvent(owed, topped_up)
    for place, more in enumerate(missing):
        if more:
            assert not solvent(owed, (*topped_up[:place], topped_up[place] - 1, *topped_up[place + 1 :]))


def test_solvency_at_the_limit():
    assert solvent((5, 0), (5, 0))
    assert not solvent((5, 0), (4, 1_000_000))
    assert shortfall((5, 3), (4, 9)) == (1, 0)
    with pytest.raises(ValueError, match="zip"):
        solvent((5, 3), (5,))


# The chapter.


def test_the_worked_example_of_the_chapter_runs_as_printed():
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.failed == 0
    assert found.attempted > 10


def test_the_other_numbers_of_the_chapter():
    text = PAGE.read_text(encoding="utf-8")
    owed = {"Alice": 10, "Bob": 7}
    root, proofs = weak_understated([weak_leaf(balance, salt(i)) for i, balance in enumerate(owed.values())])
    for (name, balance), proof in zip(owed.items(), proofs, strict=True):
        assert f"| {name} | {balance} | {proof.siblings[0].sum} | {root.sum} | agrees |" in text
    assert f"any total under {sum(owed.values())}." in text
    assert [f"{0.99**left_out:.1%}" for left_out in (100, 500)] == ["36.6%", "0.7%"]
    for line in ("0 ‖ length", "1 ‖ left", "2)", "3 ‖ number"):
        assert f"H({line}" in text
    assert [LEAF, NODE, EMPTY, ROOT] == [b"\0", b"\1", b"\2", b"\3"]
    assert (SUM_WIDTH, HASH_WIDTH, SALT_MIN) == (16, 32, 16)
