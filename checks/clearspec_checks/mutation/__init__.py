"""Mutants of the rules, and the checks that have to kill them."""
