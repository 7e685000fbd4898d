"""False theorems of a sceptic who tried to get them past the prover, and true ones beside them."""
