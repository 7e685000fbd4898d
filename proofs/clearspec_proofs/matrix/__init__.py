"""Every claim against every beat: one path, all paths of a beat, all cells of a machine in a shape."""
