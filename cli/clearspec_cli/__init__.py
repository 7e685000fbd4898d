"""The `clearspec` command: thin, and without knowledge of any machine."""
