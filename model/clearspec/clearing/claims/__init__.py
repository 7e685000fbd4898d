"""What is claimed of clearing: one file a topic, under the names of the topics of the rules."""

from clearspec.claims import claims_of
from clearspec.clearing.claims import (
    accounts,
    calendar,
    collateral,
    custody,
    flows,
    ledger,
    margin,
    penalties,
    refusals,
    trades,
    waterfall,
)

ALL = claims_of(
    accounts,
    calendar,
    custody,
    ledger,
    trades,
    flows,
    margin,
    collateral,
    penalties,
    waterfall,
    refusals,
)
