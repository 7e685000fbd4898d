"""What is written down of proofs, and asking the solvers again from that alone."""
