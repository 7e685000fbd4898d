"""Runs with every claim checked on the way: campaigns, stateful tests, exploration, scenarios, findings."""
