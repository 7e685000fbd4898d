"""The second machine: the chain from a trade to its settlement, from broker to central counterparty to depository."""
