"""Wrong rules of requests for a price: most of them take the answer that the rule would not take, or not the one that
it would."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Rejected
from clearspec.core.quantities import RATE_SCALE, Atoms
from clearspec.core.table import Table
from clearspec.machines.exchange.rules import custody, requests
from clearspec.machines.exchange.rules import settlement as reconciler
from clearspec.machines.exchange.state.commands import Reason
from clearspec.machines.exchange.state.events import AnswerTaken
from clearspec.machines.exchange.state.parameters import QUOTE
from clearspec.machines.exchange.state.types import AccountId, Line, Stage, book, place_of, put_at

RIGHT_ANSWER, RIGHT_TAKE = requests.answer_request, requests.take_answer
RIGHT_ASKED, RIGHT_DELIVERED = requests.asked, requests.delivered
STRANGER = AccountId("alice")


def keeps_the_first(state, command):
    """A better answer is accepted and forgotten."""
    outcome, request = RIGHT_ANSWER(state, command), state.requests.get(command.seller)
    if isinstance(outcome, Accepted) and requests.stands(request, state.now):
        return evolve(outcome, state=state)
    return outcome


def closed_by_the_first(state, command):
    """After one answer no other is heard."""
    request = state.requests.get(command.seller)
    if request is not None and requests.stands(request, state.now):
        return Rejected(Reason.PRICE_BEST)
    return RIGHT_ANSWER(state, command)


def never_over(request, _):
    """An answer stands for ever."""
    return request.best is not None


def at_the_limit_of_then(state, beat):
    """What was at the limit when it was answered is good enough now."""
    turn = state.collecting
    request, limit = state.requests.get(turn.account), turn.sale.limit
    if request is None or request.limit >= limit:
        return RIGHT_TAKE(state, beat)
    outcome = RIGHT_TAKE(evolve(state, collecting=evolve(turn, sale=evolve(turn.sale, limit=request.limit))), beat)
    then, again = outcome.state.collecting, outcome.state.requests.get(turn.account)
    restored = evolve(outcome.state, collecting=evolve(then, sale=evolve(then.sale, limit=limit)))
    if again is not None:
        restored = evolve(restored, requests=restored.requests.put(turn.account, evolve(again, limit=limit)))
    return evolve(outcome, state=restored)


def anybody_can_pay(state, *_):
    """Margin alone decides, and an account without risk needs none: it buys with money that it does not have."""
    return tuple(10**30 for _ in state.parameters.assets)


def none_is_good(state, _):
    """Whatever is answered, the venue asks again."""
    turn = state.collecting
    return Accepted(RIGHT_ASKED(state, turn, turn.sale))


def not_asked_again(state, turn, sale):
    """Once an answer has lapsed the request is gone."""
    request = state.requests.get(turn.account)
    if request is None or request.best is None:
        return RIGHT_ASKED(state, turn, sale)
    return evolve(
        state, requests=state.requests.drop(turn.account), collecting=evolve(turn, stage=Stage.COLLECT, waits=True)
    )


def forgotten(state, command):
    """A deposit ends all requests."""
    outcome = custody.deposit(state, command)
    return evolve(outcome, state=evolve(outcome.state, requests=Table({})))


def over_with_the_turn(state, account):
    """No request outlives the turn in which it was made."""
    after = reconciler.turn_over(state, account)
    return evolve(after, requests=Table({key: row for key, row in after.requests.rows() if key != account}))


def buyer_pays_a_fee(state, turn, sale, buyer, lots, price, _):
    """The price is not all that the buyer pays: an atom goes to the venue, and is noted among its charges."""
    sold, seller_fee = RIGHT_DELIVERED(state, turn, sale, buyer, lots, price, Atoms(1))
    place = place_of(state, sale.market)
    was = sold.state.markets[place]
    told = evolve(was, forced_accrued=was.forced_accrued + RATE_SCALE, forced_charged=was.forced_charged + 1)
    return evolve(sold, state=evolve(sold.state, markets=put_at(sold.state.markets, place, told))), seller_fee


def stranger_sells(state, beat):
    """What is sold is somebody else's, who is paid for it, and the event says so."""
    outcome = RIGHT_TAKE(state, beat)
    for event in outcome.events:
        if isinstance(event, AnswerTaken):
            lots, market = event.lots, state.parameters.markets[place_of(state, event.market)]
            cash = lots * event.price - event.seller_fee
            postings = (
                Posting(book(state.parameters, Line.BALANCE, market.base), lots * market.lot, STRANGER, event.seller),
                Posting(book(state.parameters, Line.BALANCE, QUOTE), cash, event.seller, STRANGER),
            )
            named = tuple(evolve(each, seller=STRANGER) if each == event else each for each in outcome.events)
            return Accepted(post(outcome.state, postings), (*named, Posted(postings)))
    return outcome
