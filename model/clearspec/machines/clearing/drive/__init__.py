"""What drives runs: the generator, worlds, scopes, landmarks, and the cover of parameters."""
