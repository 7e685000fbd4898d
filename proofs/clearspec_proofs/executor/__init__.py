"""The code that runs, on symbols: paths, tables, what stands in for primitives, and the way back to integers."""
