"""What the machine remembers, and what it is told: types of the state, parameters, commands, events."""
