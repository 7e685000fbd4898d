"""The first machine: a venue that matches, margins and settles spot and perpetual trades in one engine cycle."""
