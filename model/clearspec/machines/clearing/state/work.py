"""Work in progress: the stage of a day, cash being paid out, and a loss or a recovery being shared."""

from enum import Enum

from attrs import frozen

from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.state.ids import AccountId


class Stage(Enum):
    """The work at the end of a day, in this order.  A day without settlement has novation and margin alone."""

    OPEN = "nothing: the market is open, or closed, and commands are taken"
    NOVATION = "trades are novated"
    CARRYING = "what has failed falls due again, at the new price"
    NETTING = "trades whose day has come become part of what is due"
    DELIVERY = "what is due is delivered"
    UNWINDING = "in model 3, what is delivered to who cannot pay for it is taken back"
    HANDING_IN = "in model 3, who has to deliver or to pay hands it in"
    HANDING_OUT = "in model 3, who has to receive or to be paid is handed it"
    COLLECTION = "who owes cash pays it"
    PAYMENT = "who is owed cash is paid"
    FAILING = "what is left has failed"
    MARGINING = "margin is measured and called for"
    NIGHT = "nothing: the day is over"


class Cause(Enum):
    """The cause of today's fails in a security, and so the side that answers for them."""

    UNITS = "nobody was left who could deliver: who was to deliver"
    CASH = "somebody could deliver, and nobody was left who could pay: who was to receive"
    CAPACITY = "the depository could make no more deliveries: nobody"


@frozen
class Payout:
    """The sharing of incoming cash among creditors.

    Creditors with `claims` in all share `amount`.  Those with claims of `served` had their turn and got `paid`.
    """

    amount: Atoms
    claims: Atoms
    served: Atoms
    paid: Atoms


class Layer(Enum):
    """The layers of the default waterfall, the junior first: who pays the debt of a member in default."""

    NOTHING = "there is no loss"
    MARGIN = "its margin"
    CONTRIBUTION = "its contribution to the default fund"
    SKIN = "the central counterparty's part of the fund: its skin in the game"
    SURVIVORS = "the contributions of the other members"
    ASSESSMENTS = "assessments of the other members"
    EQUITY = "the central counterparty's equity; what is still left it owes, and cannot pay"


class Payee(Enum):
    """The payees of a recovery, the senior first: who is repaid what it bore for a member in default."""

    NOBODY = "there is no recovery"
    LEFT_OVER = "those who went without what nobody could pay"
    EQUITY = "the central counterparty, its equity"
    ASSESSED = "the members who were assessed"
    CONTRIBUTORS = "the members whose contributions were used"
    SKIN = "the central counterparty, its part of the fund: its skin in the game"


@frozen
class Loss:
    """A loss of `account` that layers pay, or a recovery of it that payees get; `left` is still to pay, or to repay.

    Members of a shared layer, or payee, with `weights` in all share `amount`.  Those with weights of `served` had their
    turn, and paid or got `paid`.  `round` numbers these sharings.
    """

    account: AccountId | None
    left: Atoms
    amount: Atoms
    weights: Atoms
    served: Atoms
    paid: Atoms
    round: int


NO_LOSS = Loss(None, Atoms(0), Atoms(0), Atoms(0), Atoms(0), Atoms(0), 0)
