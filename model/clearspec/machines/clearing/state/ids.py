"""Names: of members, of their accounts, of orders and of trades."""

from clearspec.core.table import Id


class MemberId(Id):
    """Names a clearing member."""


class AccountId(Id):
    """Names an account of a member; never used again."""


class TradeId(Id):
    """Names a trade; chosen by the exchange and never used again."""


class OrderId(Id):
    """Names an order; chosen by the broker and never used again."""
