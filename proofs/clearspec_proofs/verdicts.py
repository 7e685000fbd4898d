"""What is said of a cell, from the weakest to the strongest.  No solver is needed to import this."""

VERDICTS = ("refuted", "unknown", "bounded", "one-solver", "agreed", "normalised", "unchanged")
"""From the weakest to the strongest."""

PROVED = ("agreed", "normalised", "unchanged")
"""The verdicts that prove a cell; of the others, those that are named with a reason do not fail a check."""

SHOWN = ("one-solver", *PROVED)
"""The verdicts that rest on something."""
