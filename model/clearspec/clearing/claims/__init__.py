"""What is claimed of clearing: one file a topic, under the names of the topics of the rules."""

from clearspec.claims import claims_of
from clearspec.clearing.claims import accounts, calendar, custody, ledger, refusals, trades

ALL = claims_of(accounts, calendar, custody, ledger, trades, refusals)
