"""What is claimed of clearing: one file a topic, under the names of the topics of the rules."""

from clearspec.claims import claims_of
from clearspec.clearing.claims import (
    accounts,
    calendar,
    clock,
    collateral,
    custody,
    fails,
    finality,
    flows,
    ledger,
    margin,
    netting,
    payments,
    penalties,
    refusals,
    settlement,
    trades,
    waterfall,
)

ALL = claims_of(
    accounts,
    clock,
    calendar,
    custody,
    ledger,
    trades,
    netting,
    flows,
    settlement,
    finality,
    payments,
    fails,
    penalties,
    margin,
    collateral,
    waterfall,
    refusals,
)
