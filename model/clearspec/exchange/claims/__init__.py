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
    orders,
    parameters,
    pro_rata,
    refusals,
    requests,
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
    requests,
    liquidation,
    takeover,
    curves,
    pro_rata,
    zero_price,
    waterfall,
    deleverage,
)
