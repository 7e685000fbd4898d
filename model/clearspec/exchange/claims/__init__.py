"""What is claimed of the exchange: one file a topic, under the names of the topics of the rules."""

from clearspec.claims import claims_of
from clearspec.exchange.claims import (
    accounts,
<<<<<<< HEAD
    conversion,
    curves,
=======
    curves,
    deleverage,
>>>>>>> tiers
    ledger,
    lending,
    matching,
    orders,
    parameters,
<<<<<<< HEAD
    refusals,
    settlement,
)

ALL = claims_of(parameters, accounts, ledger, orders, matching, refusals, lending, settlement, conversion, curves)
=======
    pro_rata,
    refusals,
    waterfall,
    zero_price,
)

ALL = claims_of(
    parameters,
    accounts,
    ledger,
    orders,
    matching,
    refusals,
    lending,
    curves,
    pro_rata,
    zero_price,
    waterfall,
    deleverage,
)
>>>>>>> tiers
