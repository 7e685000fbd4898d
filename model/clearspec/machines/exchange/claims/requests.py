"""Requests for a price: what stands open, which answer is kept, and when it is taken."""

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Atoms
from clearspec.machines.exchange.claims.margin import free_of, in_margin_after
from clearspec.machines.exchange.claims.trades import net_of
from clearspec.machines.exchange.state.commands import AnswerRequest, TakeAnswer
from clearspec.machines.exchange.state.events import AnswerTaken
from clearspec.machines.exchange.state.parameters import market_place
from clearspec.machines.exchange.state.types import Account, AccountId, Answer, Request, Sale, Stage, State


@claim(
    "EX-RFQ-1",
    "What the venue asks a price for belongs to an account that exists; the best answer is another account's, at the"
    " limit or better.",
    title="requests for a price are in order",
    kind=Kind.STATE,
)
def requests_are_in_order(state: State) -> bool:
    return state.requests.every(
        lambda key, request: (
            state.accounts.get(key) is not None
            and request.lots >= 0
            and request.limit > 0
            and (
                request.best is None
                or (
                    request.best.account != key
                    and state.accounts.get(request.best.account) is not None
                    and request.best.price >= request.limit
                )
            )
        )
    )


@claim(
    "EX-RFQ-2",
    "An answer is kept with its account, its price and its time; it replaces none that stands and is as good.",
    title="the best answer is kept",
    kind=Kind.STEP,
    on=(AnswerRequest,),
    source="rules §6: by RFQ",
)
def the_best_answer_is_kept(before: State, command: AnswerRequest, after: Accepted[State]) -> bool:
    was, now = before.requests.get(command.seller), after.state.requests.get(command.seller)
    if was is None or now is None:
        return False
    best, until = was.best, before.now + before.parameters.answer_life
    return (
        now.best is not None
        and now.best.account == command.account
        and now.best.price == command.price
        and now.best.until == until
        and now.market == was.market
        and now.lots == was.lots
        and now.limit == was.limit
        and (best is None or best.until < before.now or best.price < command.price)
    )


@claim(
    "EX-RFQ-3",
    "In the seller's turn the venue takes the best answer within time and limit, whose account can pay and stays in"
    " margin. Without one the venue asks anew.",
    title="a good answer is taken",
    kind=Kind.STEP,
    on=(TakeAnswer,),
    source="rules §6: by RFQ",
)
def a_good_answer_is_taken(before: State, beat: TakeAnswer, after: Accepted[State]) -> bool:
    turn, then = before.collecting, after.state.collecting
    if turn is None or then is None or turn.sale is None or then.sale is None:
        return False
    if then.stage != Stage.COLLECT or then.account != turn.account:
        return False
    request = before.requests.get(turn.account)
    good = None if request is None else good_answer(before, turn.account, turn.sale, request)
    sales = tuple(event for event in after.events if isinstance(event, AnswerTaken))
    if len(sales) == 0:
        open_now = after.state.requests.get(turn.account)
        asked = open_now is not None and asks_for(open_now, turn.sale)
        return then.waits and asked and (good is None or not bears_it(before, turn.sale, request, good))
    return (
        request is not None
        and good is not None
        and after.state.requests.get(turn.account) is None
        and then.waits == turn.waits
        and bears_it(before, turn.sale, request, good)
        and all(event.seller == turn.account for event in sales)
    )


@claim(
    "EX-RFQ-5",
    "A taken answer sells the lots that were asked for and are still for sale, at its price. The seller alone pays a"
    " fee; the buyer pays what is free, and is in margin afterwards.",
    title="what a taken answer moves",
    kind=Kind.STEP,
    on=(TakeAnswer,),
    source="rules §6: by RFQ",
)
def a_taken_answer_is_a_trade(before: State, beat: TakeAnswer, after: Accepted[State]) -> bool:
    turn, then = before.collecting, after.state.collecting
    if turn is None or then is None or turn.sale is None or then.sale is None:
        return False
    request, sale, rest = before.requests.get(turn.account), turn.sale, then.sale
    best = None if request is None else request.best
    sales = tuple(event for event in after.events if isinstance(event, AnswerTaken))
    if request is None or best is None:
        return len(sales) == 0
    return all(
        rest.open == sale.open - event.lots and sold_as_answered(before, after.state, sale, request, best, event)
        for event in sales
    )


@measure
def good_answer(state: State, key: AccountId, sale: Sale, request: Request) -> Answer | None:
    """The best answer, if it is to what is for sale, stands, and is at the limit."""
    best = request.best
    if best is None or best.until < state.now or best.price < sale.limit or request.market != sale.market:
        return None
    return best


@measure
def asks_for(request: Request, sale: Sale) -> bool:
    """Does the request ask for what is for sale, and has nobody answered?"""
    same = request.market == sale.market and request.lots == sale.open and request.limit == sale.limit
    return same and request.best is None


@measure
def bears_it(state: State, sale: Sale, request: Request | None, answer: Answer) -> bool:
    """Can the account that answered pay, and would it be in margin after the sale?"""
    place, buyer = market_place(state.parameters, sale.market), state.accounts.get(answer.account)
    if place is None or buyer is None or request is None:
        return False
    lots, market = min(sale.open, request.lots), state.parameters.markets[place]
    if lots * answer.price > free_of(state, answer.account, buyer, 0):
        return False
    return in_margin_after(state, buyer, with_bought(buyer, market.base, lots * market.lot, lots * answer.price), place)


def with_bought(buyer: Account, base: int, delivered: int, cash: int) -> Account:
    """The account with what it bought: as it likes, it repays a debt of the same asset first, and lends the rest."""
    balances, loans = list(buyer.holdings.balances), list(buyer.holdings.loans)
    repaid = min(delivered, loans[base].borrowed) if buyer.auto_repay else 0
    lent = delivered - repaid if buyer.auto_lend else 0
    balances[0] = Atoms(balances[0] - cash)
    balances[base] = Atoms(balances[base] + delivered - repaid - lent)
    loan = loans[base]
    loans[base] = evolve(loan, borrowed=Atoms(loan.borrowed - repaid), lent=Atoms(loan.lent + lent))
    return evolve(buyer, holdings=evolve(buyer.holdings, balances=tuple(balances), loans=tuple(loans)))


@measure
def sold_as_answered(
    before: State, after: State, sale: Sale, request: Request, answer: Answer, event: AnswerTaken
) -> bool:
    """Does the sale follow from what is for sale and the answer?"""
    place = market_place(before.parameters, event.market)
    seller, sold = before.accounts.get(event.seller), after.accounts.get(event.seller)
    buyer, bought = before.accounts.get(event.buyer), after.accounts.get(event.buyer)
    if place is None or seller is None or sold is None or buyer is None or bought is None:
        return False
    base, cash = before.parameters.markets[place].base, event.lots * event.price
    delivered = event.lots * before.parameters.markets[place].lot
    due = sale.accrued + sale.taker * cash
    return (
        event.market == sale.market
        and event.buyer == answer.account
        and event.price == answer.price
        and event.lots == min(sale.open, request.lots)
        and event.seller_fee == -(-due // RATE_SCALE) - -(-sale.accrued // RATE_SCALE)
        and sold.holdings.balances[0] == seller.holdings.balances[0] + cash - event.seller_fee
        and sold.holdings.balances[base] == seller.holdings.balances[base] - delivered
        and net_of(bought, 0) == net_of(buyer, 0) - cash
        and net_of(bought, base) == net_of(buyer, base) + delivered
        and free_of(after, event.buyer, bought, 0) >= 0
        and in_margin_after(after, buyer, bought, place)
    )


@claim(
    "EX-RFQ-4",
    "Only the beat that takes or asks for an answer makes, renews or ends a request, in its account's own turn. Only"
    " an answer to a request changes it.",
    title="nobody else's request changes",
    kind=Kind.STEP,
    source="rules §6: by RFQ",
)
def nobody_elses_request_changes(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.requests.every(
        lambda key, request: (
            asks_now(before, beat, key) or stands_as_told(beat, request, after.state.requests.get(key), key)
        )
    ) and after.state.requests.every(lambda key, _: before.requests.get(key) is not None or asks_now(before, beat, key))


def stands_as_told(beat: object, was: Request, now: Request | None, key: AccountId) -> bool:
    """Is the request what it was, or is it the one that is answered?"""
    if isinstance(beat, AnswerRequest) and key == beat.seller:
        return now is not None
    return now is not None and same_request(was, now)


def asks_now(state: State, beat: object, key: AccountId) -> bool:
    """Is it the account for whose collateral the venue takes an answer, or asks?"""
    return isinstance(beat, TakeAnswer) and state.collecting is not None and state.collecting.account == key


@measure
def same_request(was: Request, now: Request) -> bool:
    """Are the terms and the best answer as they were?"""
    terms = now.market == was.market and now.lots == was.lots and now.limit == was.limit
    if was.best is None or now.best is None:
        return terms and was.best is None and now.best is None
    old, new = was.best, now.best
    return terms and new.account == old.account and new.price == old.price and new.until == old.until
