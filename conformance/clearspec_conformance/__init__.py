"""Checking other implementations, and the model itself, against what venues did.  Adapters read their formats."""
