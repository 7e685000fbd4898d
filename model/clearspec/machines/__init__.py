"""The machines, a folder each: what is put here is found, and nothing else is edited for it."""
