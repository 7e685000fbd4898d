"""Value and obligations: every book sums to zero, and the central counterparty is flat in all of them."""

from clearspec.claims import Kind, claim
from clearspec.clearing.state import Account, State


def held(account: Account, security: int) -> int:
    """What the account has of one security."""
    return account.holdings.positions[security].held


def cleared(account: Account, security: int) -> int:
    """What the account is to receive of one security on a day to come."""
    return account.holdings.positions[security].cleared


def due(account: Account, security: int) -> int:
    """What the account is to receive of one security today."""
    return account.holdings.positions[security].due


def failed(account: Account, security: int) -> int:
    """What the account should have received of one security on a day that has passed."""
    return account.holdings.positions[security].failed


def cash(account: Account, currency: int) -> int:
    """What the account has of one currency."""
    return account.holdings.money[currency].held


def cleared_cash(account: Account, currency: int) -> int:
    """What the account is to be paid in one currency on a day to come."""
    return account.holdings.money[currency].cleared


def payable(account: Account, currency: int) -> int:
    """What the account is to be paid in one currency now."""
    return account.holdings.money[currency].payable


@claim(
    "CL-LED-1",
    "At the depository, of each security as much is held as came in less what left.",
    kind=Kind.STATE,
    source="rules §2, §8",
    prevents="a security that two investors own at once",
)
def securities_are_conserved(state: State) -> bool:
    return all(
        state.accounts.total(held, place)
        + state.central.ccp.positions[place].held
        + state.central.penalties.positions[place].held
        == -state.central.outside.positions[place].held
        for place in range(len(state.parameters.securities))
    )


@claim(
    "CL-LED-2",
    "At the bank, of each currency as much is held as came in less what left.",
    kind=Kind.STATE,
    source="rules §2, §8",
    prevents="an account credited with what nobody paid",
)
def cash_is_conserved(state: State) -> bool:
    return all(
        state.accounts.total(cash, place)
        + state.central.ccp.money[place].held
        + state.central.penalties.money[place].held
        == -state.central.outside.money[place].held
        for place in range(len(state.parameters.currencies))
    )


@claim(
    "CL-LED-3",
    "What members are to receive of a security, cleared, due or failed, others are to deliver; the same of cash.",
    kind=Kind.STATE,
    source="rules §8: the sum of what is net is zero",
)
def obligations_sum_to_zero(state: State) -> bool:
    ccp, penalties = state.central.ccp, state.central.penalties
    return all(
        state.accounts.total(cleared, place) == 0
        and state.accounts.total(due, place) + ccp.positions[place].due == 0
        and state.accounts.total(failed, place) + ccp.positions[place].failed == 0
        for place in range(len(state.parameters.securities))
    ) and all(
        state.accounts.total(cleared_cash, place) == 0
        and state.accounts.total(payable, place) + ccp.money[place].payable + penalties.money[place].payable == 0
        for place in range(len(state.parameters.currencies))
    )


@claim(
    "CL-LED-4",
    "Nobody holds less than nothing, at the depository or at the bank.",
    kind=Kind.STATE,
    source="rules §2",
)
def nobody_is_overdrawn(state: State) -> bool:
    return state.accounts.every(
        lambda _, account: (
            all(position.held >= 0 for position in account.holdings.positions)
            and all(money.held >= 0 for money in account.holdings.money)
        )
    )


@claim(
    "CL-LED-5",
    "What the central counterparty has cleared is matched: it is itself to receive and to deliver nothing, of any"
    " security and any cash.",
    kind=Kind.STATE,
    source="rules §8; Settlement & Clearing, Novation",
    prevents="a central counterparty that takes a position",
)
def the_ccp_is_flat(state: State) -> bool:
    own = (state.central.ccp, state.central.outside, state.central.penalties)
    return all(position.cleared == 0 for holdings in own for position in holdings.positions) and all(
        money.cleared == 0 for holdings in own for money in holdings.money
    )
