"""Formulas: functions of numbers and rows, which see no state; each is pinned by a law."""
