"""What is claimed of the exchange: one file a topic, under the names of the topics of the rules."""

from clearspec.claims import claims_of
from clearspec.exchange.claims import (
    accounts,
    conversion,
    curves,
    custody,
    deleverage,
    ledger,
    lending,
    liquidation,
    matching,
    offers,
    orders,
    parameters,
    pro_rata,
    refusals,
    settlement,
    takeover,
    waterfall,
    zero_price,
)

ALL = claims_of(
    parameters,
    accounts,
    custody,
    ledger,
    orders,
    matching,
    refusals,
    lending,
    settlement,
    conversion,
    liquidation,
    offers,
    takeover,
    curves,
    pro_rata,
    zero_price,
    waterfall,
    deleverage,
)
