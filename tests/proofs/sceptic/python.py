"""What Python does that a symbol does not: identity, what stops early, iterators, memory, kinds of numbers.

Each trap is the body of a rule: does this command lose something?  Nothing, it is claimed; the commands show that it
does.
"""

HEAD = """
import operator
from enum import Enum, IntEnum, IntFlag, StrEnum
from functools import lru_cache, partial, reduce
from itertools import chain, islice

from attrs import define, evolve, frozen

from clearspec.core.machine import Accepted, Rejected, measure
from clearspec.core.table import Id, Table


class AccountId(Id): ...


Side = Enum("Side", "LONG SHORT")
Reason = Enum("Reason", "NO")


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Word(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Flag(IntFlag):
    ONE = 1
    TWO = 2


class Any(Enum):
    ONE = 1
    TWO = 2

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


@frozen
class Account:
    cash: int
    side: Side


@frozen
class State:
    accounts: Table[AccountId, Account]
    number: int
    lost: int


@frozen
class Do:
    a: int = 0
    b: int = 0
    flag: bool = False
    side: Side = Side.LONG
    account: AccountId = AccountId("a")
    EXTRA


EMPTY = State(Table(), 0, 0)
START = State(Table({AccountId("a"): Account(5, Side.LONG), AccountId("b"): Account(-2, Side.SHORT)}), 0, 0)


def cash(row):
    return row.cash


def one(row):
    return 1


def anything(row, *_):
    return True


def by_cash(row, *_):
    return (row.cash,)


BODY


def rule(state, do):
    return Accepted(evolve(state, lost=1) if loses(state, do) else state)


def nothing_is_lost(state):
    return state.lost == 0
"""

FALSE = {
    # Identity
    "case_true": ("match do.flag:\n  case True: return True\nreturn False", "flag=True", "identity|case|match"),
    "case_false": ("match do.flag:\n  case False: return False\n  case _: return True", "flag=True", "identity|case|match"),
    "case_true_in_a_tuple": ("match (do.a, do.flag):\n  case (1, True): return True\nreturn False", "a=1, flag=True", "identity|case|match"),
    "case_true_or_none": ("match do.flag:\n  case None | True: return True\nreturn False", "flag=True", "identity|case|match"),
    "is_true": ("return do.flag is True", "flag=True", "identity"),
    "is_of_a_member": ("return do.side is Side.SHORT", "side=Side.SHORT", "identity"),
    "chained_is": ("return None is not do.side is Side.SHORT", "side=Side.SHORT", "identity"),
    "chained_is_after_a_comparison": ("return do.a == 1 and type(do.a) is int is not do.side is Side.SHORT", "a=1, side=Side.SHORT", "identity"),
    "is_by_operator": ("return operator.is_(do.side, Side.SHORT)", "side=Side.SHORT", "identity"),
    "is_not_by_operator": ("return not operator.is_not(do.side, Side.SHORT)", "side=Side.SHORT", "identity"),
    "is_by_id": ("return id(do.side) == id(Side.SHORT)", "side=Side.SHORT", "identity|`id`"),
    "is_by_a_name_of_operator": ("same = operator.is_\nreturn same(do.side, Side.SHORT)", "side=Side.SHORT", "identity"),
    "is_by_partial": ("return partial(operator.is_, Side.SHORT)(do.side)", "side=Side.SHORT", "identity"),
    "is_by_a_default": ("def same(a, b, test=operator.is_): return test(a, b)\nreturn same(do.side, Side.SHORT)", "side=Side.SHORT", "identity"),
    "is_between_two": ("mine, other = do.side, Side.SHORT\nreturn mine is other", "side=Side.SHORT", "identity"),
    "a_helper_module_with_is": ("return sceptic.helper.is_short(do.side, Side)", "side=Side.SHORT", "identity"),
    "a_helper_module_with_operator": ("return sceptic.helper.same(do.side, Side.SHORT)", "side=Side.SHORT", "identity"),
    "a_helper_module_by_importlib": ("return importlib.import_module('sceptic.helper').is_short(do.side, Side)", "side=Side.SHORT", "identity|import"),
    "is_in_a_comprehension": ("return any(each is do.side for each in (Side.SHORT,))", "side=Side.SHORT", "identity"),
    "is_as_a_key_of_a_sort": ("return sorted((Side.LONG, Side.SHORT), key=lambda each: each is not do.side)[0] == Side.SHORT", "side=Side.SHORT", "identity"),
    "an_index_by_identity": ("return (Side.LONG, Side.SHORT).index(do.side) == 1", "side=Side.SHORT", ""),
    "a_count_of_a_tuple": ("return (do.a, do.b, 1).count(1) == 3", "a=1, b=1", ""),
    "a_list_without_a_number": ("left = [1, 2]\nleft.remove(do.a)\nreturn left == [1]", "a=2", ""),
    "number_is_a_number": ("seven = 7\nreturn do.a is seven", "a=7", "identity"),
    # What stops where Python stops
    "walrus_in_any": ("return any((best := each) > 0 for each in (do.a, do.b)) and best != do.b", "a=1, b=2", ""),
    "walrus_in_all": ("return not all((last := each) > 0 for each in (do.a, do.b)) and last != do.b", "a=-1, b=2", ""),
    "an_iterator_after_any": ("left = iter((do.a, do.b))\nreturn any(each > 0 for each in left) and next(left, None) is not None", "a=1, b=2", ""),
    "a_list_that_any_fills": ("seen = []\ndef note(n):\n  seen.append(n)\n  return n > 0\nreturn any(note(each) for each in (do.a, do.b)) and len(seen) == 1", "a=1", ""),
    "a_list_that_every_fills": ("seen = []\ndef note(_, row):\n  seen.append(row)\n  return row.cash > 9\nreturn not state.accounts.every(note) and len(seen) == 1", "a=1", ""),
    "a_generator_used_twice": ("gen = (each > 0 for each in (do.a, do.b))\nreturn any(gen) and not any(gen)", "a=1, b=0", ""),
    "zip_used_up": ("pairs = zip((do.a, do.b), (do.b, do.a))\nreturn any(x > y for x, y in pairs) and len(list(pairs)) == 1", "a=2, b=1", ""),
    "a_generator_in_a_measure": ("return not positive(each for each in (do.a, do.b))", "a=-1, b=-2", ""),
    "a_generator_that_two_measures_see": ("gen = (each for each in (do.a, do.b))\nreturn positive(gen) and not positive(gen)", "a=1, b=-1", ""),
    "map_used_up": ("found = map(lambda n: n > 0, (do.a, do.b))\nreturn any(found) and not any(found)", "a=1, b=0", ""),
    "enumerate_used_up": ("pairs = enumerate((do.a, do.b))\nreturn any(n > 0 for _, n in pairs) and len(list(pairs)) == 1", "a=2, b=1", ""),
    "reversed_used_up": ("left = reversed((do.a, do.b))\nreturn any(n > 0 for n in left) and len(list(left)) == 1", "a=2, b=1", ""),
    "a_chain_used_up": ("left = chain((do.a,), (do.b,))\nreturn any(n > 0 for n in left) and sum(left) == do.b", "a=1, b=2", ""),
    "a_slice_used_up": ("left = islice((do.a, do.b), 2)\nreturn not all(n > 0 for n in left) and sum(left) == 2", "a=0, b=2", ""),
    "a_filter_used_up": ("left = filter(lambda n: n > 0, (do.a, do.b))\nreturn any(n > 1 for n in left) and sum(left) == 1", "a=2, b=1", ""),
    "a_generator_function_used_up": ("def numbers():\n  yield do.a\n  yield do.b\nleft = numbers()\nreturn any(n > 0 for n in left) and sum(left) == do.b", "a=1, b=2", ""),
    "a_generator_that_a_tuple_empties": ("left = (n for n in (do.a, do.b))\nfound = tuple(left)\nreturn found == (1, 2) and sum(left) == 0", "a=1, b=2", ""),
    "an_iterator_that_zip_shares": ("left = zip(*[zip((do.a, do.b), (do.b, do.a))] * 2)\nreturn all(x[0] == y[1] for x, y in left) and do.a == 3", "a=3", ""),
    "a_generator_in_min": ("left = (n for n in (do.a, do.b))\nreturn min(left) == 1 and max(left, default=7) == 7", "a=1, b=2", ""),
    "a_generator_in_every": ("left = (n for n in (do.a, do.b))\nreturn not state.accounts.every(lambda _, row: any(n > 0 for n in left))", "a=1, b=0", ""),
    "a_generator_that_is_seen": ("left = (n for n in (do.a, do.b))\nreturn state.accounts.total(sees, left) == 1", "a=1, b=0", ""),
    "a_list_that_is_sorted_in_place": ("left = [do.a, do.b]\nleft.sort()\nreturn left[0] == do.b and do.b < do.a", "a=2, b=1", ""),
    "a_list_that_grows_while_it_is_read": ("left = [do.a]\nfor n in left:\n  if n > 0: left.append(n - 1)\nreturn len(left) == 4", "a=3", ""),
    # Memory
    "a_default_that_grows": ("seen.append(1)\nreturn len(seen) > 500", 501, ""),
    "a_global_that_grows": ("global calls\ncalls = calls + 1\nreturn calls > 500", 501, ""),
    "a_list_of_the_module": ("LOG.append(1)\nreturn len(LOG) > 500", 501, ""),
    "a_dictionary_of_the_module": ("COUNTS['calls'] = COUNTS['calls'] + 1\nreturn COUNTS['calls'] > 500", 501, ""),
    "an_attribute_of_the_function": ("loses.calls = getattr(loses, 'calls', 0) + 1\nreturn loses.calls > 500", 501, ""),
    "a_closure_that_counts": ("return COUNTER() > 500", 501, ""),
    "an_object_that_counts": ("return OBJECT.next() > 500", 501, ""),
    "an_iterator_of_the_module": ("return next(NUMBERS) > 400", 501, ""),
    "a_keyword_only_default": ("was, now = (lambda row, *, mark=mark: row.cash * mark for mark in (do.a, do.b))\nreturn state.accounts.total(was) != state.accounts.total(now)", "a=1, b=2", ""),
    "a_keyword_only_default_of_a_predicate": ("was, now = (lambda _, row, *, mark=mark: row.cash != mark for mark in (do.a, do.b))\nreturn state.accounts.every(was) != state.accounts.every(now)", "a=5, b=6", ""),
    "a_partial_as_a_predicate": ("return state.accounts.every(partial(differs, do.a)) != state.accounts.every(partial(differs, do.b))", "a=5, b=6", ""),
    "a_cached_function": ("calls(1).append(1)\nreturn len(calls(1)) > 500", 502, ""),
    # Kinds of numbers and names
    "an_int_enum_is_a_number": ("return do.level == 2", "level=Level.HIGH", ""),
    "an_int_enum_is_ordered": ("return do.level > Level.LOW", "level=Level.HIGH", ""),
    "an_int_enum_is_in_numbers": ("return do.level in (2, 3)", "level=Level.HIGH", ""),
    "a_number_is_an_int_enum": ("return do.a == Level.HIGH", "a=2", ""),
    "a_member_that_equals_another": ("return do.odd == Any.ONE and do.odd == Any.TWO", "odd=Any.ONE", ""),
    "a_str_enum_is_a_text": ("return do.word == 'sell'", "word=Word.SELL", ""),
    "a_flag_has_a_part": ("return do.bits & Flag.ONE == Flag.ONE", "bits=Flag.ONE | Flag.TWO", ""),
    "a_flag_beyond_its_members": ("return do.bits not in (Flag.ONE, Flag.TWO)", "bits=Flag.ONE | Flag.TWO", ""),
    "an_id_is_a_text": ("return do.account == 'a'", "a=1", ""),
    "an_id_is_a_str": ("return isinstance(do.account, str)", "a=1", ""),
    "a_number_is_an_int": ("return isinstance(do.a, int)", "a=1", ""),
    "a_truth_value_is_an_int": ("return isinstance(do.flag, int)", "a=1", ""),
    "a_truth_value_is_one": ("return do.flag == 1", "flag=True", ""),
    "a_truth_value_is_in_numbers": ("return do.flag in (1, 2)", "flag=True", ""),
    "a_truth_value_as_a_key": ("return {True: 1, False: 0}.get(do.flag) == 1", "flag=True", ""),
    "a_number_as_a_key": ("return {1: True}.get(do.a, False)", "a=1", ""),
    "a_member_as_a_key": ("return {Side.SHORT: True}.get(do.side, False)", "side=Side.SHORT", ""),
    "the_name_of_a_member": ("return do.side.name == 'SHORT'", "side=Side.SHORT", ""),
    "the_value_of_a_member": ("return do.side.value == 2", "side=Side.SHORT", ""),
    "a_member_is_of_its_class": ("return isinstance(do.side, Side)", "a=1", ""),
    "a_member_is_of_another_class": ("return type(do.side) == Side", "a=1", ""),
    "a_table_is_a_table": ("return isinstance(state.accounts, Table)", "a=1", ""),
    "the_class_of_a_table": ("return type(state.accounts) is Table", "a=1", ""),
    "match_of_a_table": ("match state.accounts:\n  case Table(): return True\nreturn False", "a=1", ""),
    "match_of_a_number": ("match do.a:\n  case int(): return True\nreturn False", "a=1", ""),
    "match_with_a_guard": ("match do.a:\n  case n if n > 3: return True\nreturn False", "a=4", ""),
    "match_of_a_value": ("match do.a:\n  case 3 | 4: return True\nreturn False", "a=4", ""),
    "match_of_a_dotted_member": ("match do.side:\n  case Side.SHORT: return True\nreturn False", "side=Side.SHORT", ""),
    "a_member_of_a_tuple": ("return do.side in (Side.SHORT,)", "side=Side.SHORT", ""),
    "a_chained_comparison": ("return 0 < do.a < 3 == do.b", "a=1, b=3", ""),
    "an_even_number": ("return not do.a % 2", "a=2", ""),
    "a_sorted_pair": ("return sorted((do.a, do.b), key=lambda n: -n)[0] == do.b + 1", "a=2, b=1", ""),
    "a_minimum_by_a_key": ("return min((do.a, do.b), key=lambda n: -n) > do.b", "a=2, b=1", ""),
    "a_maximum_with_a_default": ("return max((n for n in (do.a, do.b) if n > 3), default=9) == 9", "a=1", ""),
    "an_operand_of_or": ("return (do.a or do.b) == 7", "b=7", ""),
    "an_operand_of_and": ("return (do.a and do.b) == 0 and do.a == 1", "a=1", ""),
    "a_reduction": ("return reduce(lambda x, y: x * 2 + y, (do.a, do.b)) == 5", "a=2, b=1", ""),
    "a_comparison_of_tuples": ("return (do.a, do.b) < (1, 0)", "a=0, b=9", ""),
    "a_row_that_is_none": ("return not state.accounts.put(do.account, None).every(lambda _, row: row is not None)", "a=1", ""),
    "a_row_of_another_class": ("return not state.accounts.put(do.account, do).every(lambda _, row: type(row) is Account)", "a=1", ""),
    "a_text_of_a_number": ("return f'{do.a}' == '3'", "a=3", ""),
    "a_power": ("return do.a ** do.b == 8", "a=2, b=3", ""),
    "a_real_quotient": ("return do.a / 2 == 1.5", "a=3", ""),
}  # fmt: skip
"""The body of a rule, a command that loses by it (or how many), and what the prover's line may say."""

TRUE = {
    "a_member_is_one_of_all": ("return do.side not in (Side.LONG, Side.SHORT)", "side=Side.SHORT"),
    "a_member_is_not_both": ("return do.side == Side.LONG and do.side == Side.SHORT", "side=Side.SHORT"),
    "match_of_all_members": ("match do.side:\n  case Side.LONG: return False\n  case Side.SHORT: return False\nreturn True", "a=1"),
    "a_sum_of_truth_values": ("return sum([do.a > 0, do.a <= 0]) != 1", "a=1"),
    "comparisons_in_a_chain": ("return 0 < do.a < do.b <= 1", "a=1, b=2"),
    "any_of_opposites": ("return not any((do.a > 0, do.a <= 0))", "a=1"),
    "all_of_opposites": ("return all((do.a > 0, do.a <= 0))", "a=1"),
    "a_generator_that_is_asked_once": ("return all(do.a == each for each in (1, 2))", "a=1"),
    "a_row_that_was_put_is_there": ("return state.accounts.put(do.account, Account(0, Side.LONG)).get(do.account) is None", "a=1"),
    "an_absolute_amount": ("return abs(do.a) < 0", "a=-1"),
    "the_larger_of_two": ("return max(do.a, do.b) < do.a", "a=2, b=1"),
    "a_class_is_itself": ("return type(do) is not Do", "a=1"),
    "a_guard_that_never_holds": ("match do.a:\n  case n if n > n: return True\nreturn False", "a=1"),
    "a_quotient_and_its_rest": ("return do.b > 0 and do.a // do.b * do.b + do.a % do.b != do.a", "a=-7, b=2"),
    "a_default_of_the_signature": ("def more(n, by=1): return n + by\nreturn more(do.a) <= do.a", "a=1"),
}  # fmt: skip
"""The body of a rule that loses nothing, and a command."""

MEASURES = """
@measure
def positive(numbers):
    for number in numbers:
        if number > 0:
            return True
    return False
"""

HELPER = "import sceptic.helper"

BESIDE = {
    "a_generator_in_a_measure": MEASURES,
    "a_generator_that_two_measures_see": MEASURES,
    "a_generator_that_is_seen": "def sees(row, left):\n    return 1 if any(n > 0 for n in left) else 0",
    "a_global_that_grows": "calls = 0",
    "a_helper_module_with_is": HELPER,
    "a_helper_module_with_operator": HELPER,
    "a_helper_module_by_importlib": "import importlib",
    "a_cached_function": "@lru_cache\ndef calls(n):\n    return [n]",
    "a_list_of_the_module": "LOG = []",
    "a_dictionary_of_the_module": "COUNTS = {'calls': 0}",
    "a_closure_that_counts": """
def counter():
    calls = 0

    def count():
        nonlocal calls
        calls = calls + 1
        return calls

    return count


COUNTER = counter()
""",
    "an_object_that_counts": """
@define
class Counting:
    calls: int = 0

    def next(self):
        self.calls = self.calls + 1
        return self.calls


OBJECT = Counting()
""",
    "an_iterator_of_the_module": "from itertools import count\n\nNUMBERS = count()",
    "a_partial_as_a_predicate": "def differs(mark, _, row):\n    return row.cash != mark",
}
FIELDS = {
    "level=": "level: Level = Level.LOW",
    "word=": "word: Word = Word.BUY",
    "bits=": "bits: Flag = Flag.ONE",
    "odd=": "odd: Any = Any.ONE",
}
ARGUMENTS = {"a_default_that_grows": "state, do, seen=[]"}


def text_of(name: str, body: str, command: str) -> str:
    """The text of the module of a trap."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    function = f"{BESIDE.get(name, '')}\n\n\ndef loses({ARGUMENTS.get(name, 'state, do')}):\n{lines}"
    extra = next((field for start, field in FIELDS.items() if command.startswith(start)), "")
    return HEAD.replace("BODY", function).replace("EXTRA", extra).lstrip()
