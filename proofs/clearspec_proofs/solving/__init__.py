"""What solvers are asked: the texts, the two solvers, what of them is kept, and how a goal is shown."""
