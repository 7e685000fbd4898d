"""Rules: a state and a command make a new state and events, or a rejection."""
