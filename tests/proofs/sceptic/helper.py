"""A module beside the rules, with identity in it: it is reached by an import, and so looked at too."""

import operator


def is_short(side, kind):
    return side is kind.SHORT


def same(one, other):
    return operator.is_(one, other)
