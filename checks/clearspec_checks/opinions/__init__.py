"""Opinions that need no run of ours: an auditor of events, CrossHair, and what the code says that it may call."""
