"""Plain integers beside each path, and each claim as it is read beside what Python says of it."""
