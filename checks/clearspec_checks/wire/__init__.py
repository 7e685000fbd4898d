"""What is written down: commands, events, states and situations as JSON, and the starts that they name."""
