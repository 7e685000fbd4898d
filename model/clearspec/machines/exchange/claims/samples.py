"""What the laws of several topics are tried on."""

from clearspec.core.choices import Choices


def amount(choices: Choices) -> int:
    """Small amounts half of the time, of any size otherwise."""
    return choices.integer(0, 10 ** choices.pick((1, 1, 2, 3, 6, 12, 15)))
