"""Value and obligations: every book sums to zero, and the central counterparty is flat in all of them."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.clearing.claims.trades import will_have
from clearspec.machines.clearing.state.commands import (
    BuyIn,
    CloseOut,
    DepositCash,
    DepositSecurities,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.events import LossLeftOver, LossPaid, Repaid, SettlementFailed, TradeNovated
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import CurrencyId, SecurityId
from clearspec.machines.clearing.state.types import Account, State
from clearspec.machines.clearing.state.work import Cause, Stage


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


def provisional(account: Account, security: int) -> int:
    """What the account provisionally got of one security."""
    return account.holdings.positions[security].provisional


def provisional_cash(account: Account, currency: int) -> int:
    """What the account was provisionally paid in one currency."""
    return account.holdings.money[currency].provisional


def payable(account: Account, currency: int) -> int:
    """What the account is to be paid in one currency now."""
    return account.holdings.money[currency].payable


@claim(
    "CL-LED-1",
    "The depository holds of each security what came in less what left.",
    title="securities are conserved",
    kind=Kind.STATE,
    source="rules §2, §8",
    prevents="a security that two investors own at once",
)
def securities_are_conserved(state: State) -> bool:
    return all(
        state.accounts.total(held, place)
        + state.central.ccp.positions[place].held
        + state.central.safe.positions[place].held
        + state.central.penalties.positions[place].held
        == -state.central.outside.positions[place].held
        for place in range(len(state.parameters.securities))
    )


@claim(
    "CL-LED-2",
    "The bank holds of each currency what came in less what left.",
    title="cash is conserved",
    kind=Kind.STATE,
    source="rules §2, §8",
    prevents="an account credited with what nobody paid",
)
def cash_is_conserved(state: State) -> bool:
    return all(
        state.accounts.total(cash, place)
        + state.central.ccp.money[place].held
        + state.central.safe.money[place].held
        + state.central.own.money[place].held
        + state.central.penalties.money[place].held
        == -state.central.outside.money[place].held
        for place in range(len(state.parameters.currencies))
    )


@claim(
    "CL-LED-3",
    "Claims and obligations of each security sum to zero: cleared, due and failed. So do those of cash.",
    title="obligations sum to zero",
    kind=Kind.STATE,
    source="rules §8: the sum of what is net is zero",
)
def obligations_sum_to_zero(state: State) -> bool:
    ccp, penalties, own = state.central.ccp, state.central.penalties, state.central.own
    return all(
        state.accounts.total(cleared, place) == 0
        and state.accounts.total(due, place) + ccp.positions[place].due == 0
        and state.accounts.total(failed, place) + ccp.positions[place].failed == 0
        and state.accounts.total(provisional, place) + ccp.positions[place].provisional == 0
        for place in range(len(state.parameters.securities))
    ) and all(
        state.accounts.total(cleared_cash, place) == 0
        and state.accounts.total(payable, place)
        + ccp.money[place].payable
        + penalties.money[place].payable
        + own.money[place].payable
        == 0
        and state.accounts.total(provisional_cash, place) + ccp.money[place].provisional == 0
        for place in range(len(state.parameters.currencies))
    )


@claim(
    "CL-LED-4",
    "Nobody holds less than nothing, at the depository or at the bank, posted or in the default fund.",
    title="no account is overdrawn",
    kind=Kind.STATE,
    source="rules §2",
)
def nobody_is_overdrawn(state: State) -> bool:
    return state.accounts.every(
        lambda _, account: (
            all(position.held >= 0 and position.posted >= 0 for position in account.holdings.positions)
            and all(
                money.held >= 0 and money.posted >= 0 and money.fund >= 0 and money.used >= 0 and money.assessed >= 0
                for money in account.holdings.money
            )
        )
    ) and all(
        money.held >= 0 and money.fund >= 0 and money.payable <= 0 and money.used >= 0 and money.assessed >= 0
        for money in state.central.own.money
    )


@claim(
    "CL-LED-5",
    "The central counterparty is flat: its cleared obligations are 0. Due and failed ones cancel out, and are 0"
    " except while fails are carried or recorded. It keeps no securities.",
    title="the central counterparty is flat",
    kind=Kind.STATE,
    source="rules §8; Settlement & Clearing, Novation",
    prevents="a central counterparty that takes a position",
)
def the_ccp_is_flat(state: State) -> bool:
    central = state.central
    own = (central.ccp, central.outside, central.penalties, central.safe, central.own)
    handed = state.stage in (Stage.HANDING_IN, Stage.HANDING_OUT)
    on_its_way = state.stage in (Stage.CARRYING, Stage.FAILING)
    return (
        all(position.cleared == 0 for holdings in own for position in holdings.positions)
        and all(money.cleared == 0 for holdings in own for money in holdings.money)
        and all(
            position.held >= 0
            and position.held + position.provisional == 0
            and (handed or position.held == 0)
            and position.due + position.failed == 0
            and (on_its_way or position.due == 0)
            for position in central.ccp.positions
        )
        and all(
            position.due == 0 and position.failed == 0 and position.provisional == 0
            for holdings in (central.outside, central.penalties, central.safe, central.own)
            for position in holdings.positions
        )
        and all(money.payable == 0 for holdings in (central.outside, central.safe) for money in holdings.money)
        and all(money.provisional == 0 for holdings in own[1:] for money in holdings.money)
        and all(position.held == 0 for holdings in (central.penalties, central.own) for position in holdings.positions)
        and all(money.held == 0 for money in central.penalties.money)
    )


@claim(
    "CL-LED-6",
    "The cash of the central counterparty is what it owes in cash: it is never overdrawn, and nothing of it is its"
    " own.",
    title="the central counterparty's cash is what it owes",
    kind=Kind.STATE,
    source="rules §2: every sub-account needs its own equation",
    prevents="an intermediary that lends itself what is on its way to others",
)
def the_ccp_has_what_it_owes(state: State) -> bool:
    ccp = state.central.ccp
    handed = state.stage in (Stage.HANDING_IN, Stage.HANDING_OUT)
    return all(
        money.held >= 0
        and (money.payable <= 0 or state.stage == Stage.CARRYING)
        and (money.provisional == 0 or handed)
        and money.held + money.payable + money.provisional
        == -sum(
            ccp.positions[i].failed * (state.prices[i].published - state.prices[i].settlement)
            for i, security in enumerate(state.parameters.securities)
            if security.currency == place and state.stage == Stage.CARRYING
        )
        for place, money in enumerate(ccp.money)
    )


@claim(
    "CL-LED-7",
    "The account of penalties is owed what rounding left of them, and less than nothing only while they are charged.",
    title="penalties leave only what rounding left",
    kind=Kind.STATE,
    source="rules §1: every residue lands in a named account",
)
def penalties_are_what_rounding_left(state: State) -> bool:
    ccp, penalties = state.central.ccp, state.central.penalties
    return all(
        residue >= 0
        and penalties.money[place].payable * RATE_SCALE
        == residue
        - sum(
            went_unpaid(state.causes[i], ccp.positions[i].due) * state.prices[i].settlement * security.penalty
            for i, security in enumerate(state.parameters.securities)
            if security.currency == place and state.stage == Stage.FAILING
        )
        for place, residue in enumerate(state.residues)
    )


def posted(account: Account, security: int) -> int:
    """What the account has posted of one security."""
    return account.holdings.positions[security].posted


def posted_cash(account: Account, currency: int) -> int:
    """What the account has posted of one currency."""
    return account.holdings.money[currency].posted


def in_fund(account: Account, currency: int) -> int:
    """What is in the default fund of the contribution of the account."""
    return account.holdings.money[currency].fund


@claim(
    "CL-LED-8",
    "The safe holds exactly the collateral that members posted and the default fund, at the depository and at the"
    " bank. It is theirs, except for skin in the game.",
    title="collateral and contributions lie in the safe",
    kind=Kind.STATE,
    source="rules §2: every sub-account needs its own equation; PFMI, principle 14",
    prevents="MF Global 2011: collateral that is used for something else",
)
def the_safe_holds_what_was_posted(state: State) -> bool:
    safe, central = state.central.safe, state.central
    others = (central.ccp, central.outside, central.penalties)
    return (
        all(
            state.accounts.total(posted, place) == position.held == -position.posted
            for place, position in enumerate(safe.positions)
        )
        and all(
            state.accounts.total(posted_cash, place) == -money.posted
            and state.accounts.total(in_fund, place) + central.own.money[place].fund == -money.fund
            and money.held + money.posted + money.fund == 0
            for place, money in enumerate(safe.money)
        )
        and all(position.posted == 0 for each in (*others, central.own) for position in each.positions)
        and all(money.posted == 0 for each in (*others, central.own) for money in each.money)
        and all(money.fund == 0 for each in others for money in each.money)
    )


def went_unpaid(cause: Cause, units: int) -> int:
    """For how many more units penalties were paid than charged, of which so many less are still due."""
    if cause == Cause.CAPACITY:
        return 0
    return units if cause == Cause.UNITS else -units


def units_of(account: Account, security: int) -> int:
    """What the account has of a security and is to receive, less what it is to deliver."""
    position = account.holdings.positions[security]
    return position.held + position.cleared + position.due + position.failed + position.provisional + position.posted


def worth(state: State, account: Account, currency: int) -> int:
    """What the account has of a currency and is to be paid, less what it is to pay, deliveries included."""
    money = account.holdings.money[currency]
    to_pay = 0
    for place, security in enumerate(state.parameters.securities):
        if security.currency == currency:
            position, price = account.holdings.positions[place], state.prices[place]
            at = price.published if state.stage == Stage.CARRYING else price.settlement
            to_pay += position.due * at + position.failed * price.settlement
    return money.held + money.cleared + money.payable + money.provisional + money.posted + money.fund - to_pay


@claim(
    "CL-NET-2",
    "An account's units of a security, held and to receive, change only by its deposits, withdrawals, trades, buy-ins"
    " and close-outs. Settled net, it has what it would have gross.",
    title="net is gross in securities",
    kind=Kind.STEP,
    source="rules §8; Settlement & Clearing, Netting",
    prevents="units that netting, a fail or its carrying makes or loses",
)
def net_is_gross_in_securities(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.accounts.every(
        lambda key, account: keeps_its_units(before, beat, after, key, account, after.state.accounts.get(key))
    )


def keeps_its_units(
    before: State, beat: object, after: Accepted[State], key: AccountId, was: Account, now: Account | None
) -> bool:
    """Did the account's units change by exactly what the beat tells?"""
    return now is not None and all(
        units_of(now, place) == units_of(was, place) + units_told(before, beat, after, key, security.id)
        for place, security in enumerate(before.parameters.securities)
    )


def units_told(before: State, beat: object, after: Accepted[State], key: AccountId, security: SecurityId) -> int:
    """By how much the units of this account are to change."""
    if isinstance(beat, DepositSecurities | WithdrawSecurities):
        signed = beat.units if isinstance(beat, DepositSecurities) else -beat.units
        return signed if beat.account == key and beat.security == security else 0
    if isinstance(beat, BuyIn):
        return side(key, beat.account, beat.seller) * beat.units if beat.security == security else 0
    if isinstance(beat, CloseOut):
        return closed(before, beat, key) * beat.units if beat.security == security else 0
    for event in after.events:
        if isinstance(event, TradeNovated):
            trade = before.trades.get(event.trade)
            if trade is not None and trade.security == security:
                return side(key, trade.buyer, trade.seller) * trade.quantity
    return 0


def side(key: AccountId, buyer: AccountId, seller: AccountId) -> int:
    """1 for the buyer, -1 for the seller, 0 for anybody else."""
    if key == buyer:
        return 1
    return -1 if key == seller else 0


@claim(
    "CL-NET-3",
    "At settlement prices, an account's net cash changes only by its deposits, withdrawals, trades, buy-ins,"
    " penalties, close-outs, losses and recoveries. It depends neither on price moves nor on the order of settlement.",
    title="net is gross in cash",
    kind=Kind.STEP,
    source="rules §8; Settlement & Clearing, Netting",
    prevents="cash that marking, partial delivery or a fail makes or loses",
)
def net_is_gross_in_cash(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.accounts.every(
        lambda key, account: keeps_its_cash(before, beat, after, key, account, after.state.accounts.get(key))
    )


def keeps_its_cash(
    before: State, beat: object, after: Accepted[State], key: AccountId, was: Account, now: Account | None
) -> bool:
    """Did the account's net cash change by exactly what the beat tells?"""
    return now is not None and all(
        worth(after.state, now, place)
        == worth(before, was, place) + cash_told(before, beat, after, key, place, currency.id)
        for place, currency in enumerate(before.parameters.currencies)
    )


def cash_told(
    before: State, beat: object, after: Accepted[State], key: AccountId, place: int, currency: CurrencyId
) -> int:
    """By how much the cash of this account is to change."""
    if isinstance(beat, DepositCash | WithdrawCash):
        signed = beat.amount if isinstance(beat, DepositCash) else -beat.amount
        return signed if beat.account == key and beat.currency == currency else 0
    if isinstance(beat, BuyIn):
        paid = side(key, beat.account, beat.seller) * beat.units * beat.price
        return -paid if paid_in(before, beat.security) == place else 0
    if isinstance(beat, CloseOut):
        paid = closed(before, beat, key) * beat.units * beat.price
        return -paid if paid_in(before, beat.security) == place else 0
    told = 0
    for event in after.events:
        if isinstance(event, TradeNovated):
            trade = before.trades.get(event.trade)
            if trade is not None and paid_in(before, trade.security) == place:
                return -side(key, trade.buyer, trade.seller) * trade.amount
        if isinstance(event, SettlementFailed) and event.account == key:
            return -penalty_of(before, after.state, key, place)
        if isinstance(event, LossPaid | LossLeftOver) and event.currency == currency:
            told += event.amount if event.account == key else 0
        if isinstance(event, LossPaid) and event.currency == currency:
            told -= event.amount if event.payer == key else 0
        if isinstance(event, Repaid) and event.currency == currency:
            told -= event.amount if event.account == key else 0
            told += event.amount if event.receiver == key else 0
    return told


def closed(before: State, beat: CloseOut, key: AccountId) -> int:
    """1 for the buyer of this close-out, -1 for the seller, 0 for others.  A long defaulter sells."""
    if will_have(before, beat.account, beat.security) > 0:
        return side(key, beat.bidder, beat.account)
    return side(key, beat.account, beat.bidder)


def penalty_of(before: State, after: State, key: AccountId, place: int) -> int:
    """What the account of penalties got of this currency, which CL-FAIL-2 compares with what is owed."""
    return after.central.penalties.money[place].payable - before.central.penalties.money[place].payable


def paid_in(state: State, security: SecurityId) -> int | None:
    """The place of the currency in which the security is paid."""
    for listed in state.parameters.securities:
        if listed.id == security:
            return listed.currency
    return None
