"""Checks of any machine without a solver: campaigns, stateful tests, exploration, scenarios, mutants."""
