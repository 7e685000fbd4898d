"""Requests for a price: collateral that the venue does not sell in the book, but to whoever answers best."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Atoms, Lots, Millis
from clearspec.machines.exchange.rules.conversion import delivered
from clearspec.machines.exchange.rules.margin import free_balances
from clearspec.machines.exchange.rules.matching import bears_fill
from clearspec.machines.exchange.rules.settlement import unsettled
from clearspec.machines.exchange.state.commands import AnswerRequest, Reason, TakeAnswer
from clearspec.machines.exchange.state.events import AnswerLapsed, AnswerTaken, RequestAnswered
from clearspec.machines.exchange.state.parameters import QUOTE
from clearspec.machines.exchange.state.types import Answer, Request, Sale, Stage, State, Turn, account_of, place_of


def answer_request(state: State, command: AnswerRequest) -> Outcome[State]:
    """Offer a price for collateral of an account that owes; only the best answer is kept.

    Rule: EX-RFQ-2.  An answer is taken in the next round of settlement, if at all; nothing is held for it till then.
    Rejects: ACCOUNT_EXISTS, REQUEST_OPEN, PRICE_BEST, BALANCE_FREE.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    request, seller = state.requests.get(command.seller), state.accounts.get(command.seller)
    if request is None or seller is None or command.seller == command.account or unsettled(seller) >= 0:
        return Rejected(Reason.REQUEST_OPEN)
    if command.price < request.limit or (stands(request, state.now) and command.price <= best_price(request)):
        return Rejected(Reason.PRICE_BEST)
    if request.lots * command.price > free_balances(state, command.account, account.holdings)[QUOTE]:
        return Rejected(Reason.BALANCE_FREE)
    answer = Answer(command.account, command.price, Millis(state.now + state.parameters.answer_life))
    requests = state.requests.put(command.seller, evolve(request, best=answer))
    event = RequestAnswered(command.seller, command.account, command.price)
    return Accepted(evolve(state, requests=requests), (event,))


def stands(request: Request, now: Millis) -> bool:
    """Is there an answer whose time is not over?"""
    return request.best is not None and now <= request.best.until


def best_price(request: Request) -> int:
    """The price of the best answer; nothing without one."""
    return 0 if request.best is None else request.best.price


def take_answer(state: State, _: TakeAnswer) -> Accepted[State]:
    """Sell to the best answer, if it stands, is at the limit, and its account can pay and is in margin after it; else
    ask again.

    Rule: EX-RFQ-3.  An answer is tried once.  What is asked for is what is still owed, at the present limit.
    Requires: collateral is for sale by request.
    """
    turn = state.collecting
    assert turn is not None, "TakeAnswer is due only in the turn of an account"
    assert turn.sale is not None, "TakeAnswer is due only while collateral is for sale"
    sale, request = turn.sale, state.requests.get(turn.account)
    answer = None if request is None or request.market != sale.market else request.best
    if request is None or answer is None:
        return Accepted(asked(state, turn, sale))
    lapsed = Accepted(asked(evolve(state, quiet=False), turn, sale), (AnswerLapsed(turn.account, answer.account),))
    if not stands(request, state.now) or answer.price < sale.limit:
        return lapsed
    lots = Lots(min(sale.open, request.lots))
    if lots * answer.price > free_balances(state, answer.account, account_of(state, answer.account).holdings)[QUOTE]:
        return lapsed
    done = evolve(turn, stage=Stage.COLLECT)
    without = evolve(state, requests=state.requests.drop(turn.account), quiet=False)
    sold, fee = delivered(without, done, sale, answer.account, lots, answer.price, Atoms(0))
    if not bears_fill(state, sold.state, answer.account, place_of(state, sale.market)):
        return lapsed
    event = AnswerTaken(sale.market, answer.account, turn.account, lots, answer.price, fee)
    return Accepted(sold.state, (event, *sold.events))


def asked(state: State, turn: Turn, sale: Sale) -> State:
    """The state in which the venue asks for a price for what is for sale, and goes on with the account's turn."""
    requests = state.requests.put(turn.account, Request(sale.market, sale.open, sale.limit, None))
    return evolve(state, requests=requests, collecting=evolve(turn, stage=Stage.COLLECT, waits=True))
