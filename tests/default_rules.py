"""Wrong rules of collateral, the default fund, default and its waterfall, most of which balance."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules import calls, default, fund, losses, pledges
from clearspec.machines.clearing.state.types import AccountKind, Line, Member, SystemAccount, account_of, book
from clearspec.machines.clearing.state.work import Layer

CCP, SAFE, OWN = SystemAccount.CCP, SystemAccount.SAFE, SystemAccount.OWN
RIGHT = {
    each.__name__: each
    for each in (
        calls.in_default,
        default.closed_out,
        default.port,
        fund.contribute,
        fund.provide_capital,
        losses.cover_loss,
        losses.further,
        losses.had_its_turn,
        losses.use_margin,
        pledges.met,
        pledges.post_cash,
        pledges.return_cash,
    )
}


# The default fund


def as_the_house(state, command):
    """What clients have may be contributed."""
    account = state.accounts.get(command.account)
    state = evolve(state, accounts=state.accounts.put(command.account, evolve(account, kind=AccountKind.HOUSE)))
    done = RIGHT["contribute"](state, command)
    if not isinstance(done, Accepted):
        return done
    row = evolve(account_of(done.state, command.account), kind=account.kind)
    return evolve(done, state=evolve(done.state, accounts=done.state.accounts.put(command.account, row)))


def out_of_margin(state, postings):
    """A contribution comes out of what was posted as margin."""
    first, *rest = postings
    margin = book(state.parameters, Line.COLLATERAL_CASH, first.book.place)
    return post(state, (Posting(margin, first.amount, first.payer, SAFE), *rest))


def half_contributed(state, postings):
    """All is paid to the fund, and half of it counts as a contribution."""
    paid, counted = postings
    half = evolve(counted, amount=counted.amount // 2)
    equity = Posting(paid.book, counted.amount - half.amount, SAFE, OWN)
    return post(state, (paid, half, equity))


def the_other_purse(state, command):
    """Equity becomes skin in the game, and skin in the game equity."""
    return RIGHT["provide_capital"](state, evolve(command, skin=not command.skin))


def capital_of_a_member(state, postings):
    """What the owners should provide a member pays."""
    first, *rest = postings
    rich = [key for key, row in state.accounts.rows() if row.holdings.money[first.book.place].held >= first.amount]
    return post(state, (evolve(first, payer=rich[0]), *rest))


# Collateral


def into_equity(state, postings):
    """What is posted lies with what is the clearing house's own."""
    return post(state, tuple(evolve(each, payee=OWN) if each.payee == SAFE else each for each in postings))


def into_settlement(state, postings):
    """What is posted lies with what is on its way to others."""
    return post(state, tuple(evolve(each, payee=CCP) if each.payee == SAFE else each for each in postings))


def never_met(_, after, __, ___):
    """Whatever comes, as much is called for as before."""
    return after


def forgiven(_, after, name, currency):
    """Whatever comes, nothing is called for any more."""
    account = account_of(after, name)
    money = tuple(
        evolve(each, called=Atoms(0)) if place == currency else each
        for place, each in enumerate(account.holdings.money)
    )
    account = evolve(account, holdings=evolve(account.holdings, money=money))
    return evolve(after, accounts=after.accounts.put(name, account))


def less_comes_back(state, postings):
    """Of what is taken back one atom stays with the clearing house."""
    last = postings[-1]
    return post(state, (*postings[:-1], evolve(last, amount=last.amount - 1), evolve(last, amount=1, payee=OWN)))


# Default


def the_member_alone(state, name):
    """The member is in default, and its account is not."""
    member = state.members.get(name)
    return evolve(state, members=state.members.put(name, evolve(member, defaulted=True)))


def with_its_clients(state, name):
    """With a member all its clients are in default."""
    state = RIGHT["in_default"](state, name)
    for key, row in state.accounts.rows():
        if row.member == name:
            state = evolve(state, accounts=state.accounts.put(key, evolve(row, defaulted=True)))
    return state


def clients_pay_first(state, beat):
    """Before the margin of the house, that of its clients pays; and it is said who paid."""
    place, loss, debtor = losses.at_work(state)
    member = account_of(state, debtor).member
    clients = [
        key
        for key, row in state.accounts.rows()
        if row.member == member and key != debtor and row.holdings.money[place].posted >= loss.left
    ]
    if not clients:
        return RIGHT["use_margin"](state, beat)
    postings = (
        Posting(book(state.parameters, Line.COLLATERAL_CASH, place), loss.left, clients[0], SAFE),
        Posting(book(state.parameters, Line.CASH, place), loss.left, SAFE, CCP),
        Posting(book(state.parameters, Line.PAYABLE, place), loss.left, CCP, debtor),
    )
    after = losses.further(post(state, postings), place, 0, Layer.CONTRIBUTION)
    event = losses.paid_by(state, place, Layer.MARGIN, debtor, clients[0], loss.left)
    return Accepted(after, (event, Posted(postings)))


def without_its_collateral(state, command):
    """A client goes, and what it has posted stays with the house of the member that it leaves."""
    done = RIGHT["port"](state, command)
    if not isinstance(done, Accepted):
        return done
    was = account_of(state, command.account)
    house = state.members.get(was.member).house
    posting = Posting(
        book(state.parameters, Line.COLLATERAL_CASH, 0), was.holdings.money[0].posted, command.account, house
    )
    return Accepted(post(done.state, (posting,)), (*done.events, Posted((posting,))))


def always_in_default(*_):
    """From any member clients may be taken."""
    return Member(suspended=False, house=None, defaulted=True)


def stays_where_it_was(state, command):
    """A client is said to go, and does not."""
    done = RIGHT["port"](state, command)
    return evolve(done, state=state) if isinstance(done, Accepted) else done


def at_once(_, __, today):
    """A close-out settles on its own day."""
    return today


def a_better_price(state, command, place, sells):
    """The bidder gets the chunk for one less than it bid."""
    return RIGHT["closed_out"](state, evolve(command, price=command.price - 1), place, sells)


def a_unit_too_many(state, command, place, sells):
    """A unit more is traded than was bid for."""
    return RIGHT["closed_out"](state, evolve(command, units=command.units + 1), place, sells)


def for_nobody(state, command, place, sells):
    """The chunk is written down as a trade, and owed by nobody."""
    done = RIGHT["closed_out"](state, command, place, sells)
    return evolve(done, state=evolve(done.state, accounts=state.accounts), events=done.events[:1])


# The waterfall


def margin_is_spared(state, command):
    """The fund pays before the margin does."""
    done = RIGHT["cover_loss"](state, command)
    return evolve(done, state=evolve(done.state, layer=Layer.CONTRIBUTION)) if isinstance(done, Accepted) else done


def half_of_it(state, command):
    """Half of what is owed is taken for the loss."""
    done = RIGHT["cover_loss"](state, command)
    if not isinstance(done, Accepted):
        return done
    place, loss, _ = losses.at_work(done.state)
    return evolve(done, state=losses.with_loss(done.state, place, evolve(loss, left=Atoms(loss.left // 2))))


def of_all_currencies(state, command):
    """With the loss of one currency begins that of all others."""
    done = RIGHT["cover_loss"](state, command)
    if not isinstance(done, Accepted):
        return done
    _, loss, _ = losses.at_work(done.state)
    return evolve(done, state=evolve(done.state, losses=(loss,) * len(state.losses)))


def past_assessments(state, place, left, layer):
    """Nobody is assessed."""
    return RIGHT["further"](state, place, left, Layer.EQUITY if layer == Layer.ASSESSMENTS else layer)


def goes_on_for_ever(state, place, left, layer):
    """When nobody is left to ask, somebody is asked again."""
    return RIGHT["further"](state, place, left, state.layer if layer == Layer.ASSESSMENTS else layer)


def nobody_had_a_turn(state, place, name, used, assessed):
    """What a survivor paid is noted, and not that it had its turn."""
    before = account_of(state, name).holdings.money[place].round
    after = RIGHT["had_its_turn"](state, place, name, used, assessed)
    account = account_of(after, name)
    money = tuple(evolve(each, round=before) if i == place else each for i, each in enumerate(account.holdings.money))
    account = evolve(account, holdings=evolve(account.holdings, money=money))
    return evolve(after, accounts=after.accounts.put(name, account))
