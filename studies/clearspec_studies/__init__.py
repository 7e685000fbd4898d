"""Studies of one machine: simulations with pictures, held against what must come of them."""
