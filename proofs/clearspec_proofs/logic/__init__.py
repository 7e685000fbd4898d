"""What is said of symbols: terms in a normal form, keys of what is built alike, what follows without a solver."""
