"""A changed rule: does it change anything, and is there a counterexample to it?"""
