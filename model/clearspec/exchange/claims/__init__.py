"""What is claimed of the exchange: one file a topic, under the names of the topics of the rules."""

from clearspec.claims import claims_of
from clearspec.exchange.claims import accounts, curves, custody, ledger, lending, matching, orders, parameters, refusals

ALL = claims_of(parameters, accounts, custody, ledger, orders, matching, refusals, lending, curves)
