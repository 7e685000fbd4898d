"""How wide integers get: a bound of everything that a machine stores and computes."""
