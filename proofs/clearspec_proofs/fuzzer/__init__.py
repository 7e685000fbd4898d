"""Random small machines against the prover: what is proved of one is looked at in a small world, on plain Python."""
