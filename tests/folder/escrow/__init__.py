"""A small machine that is put into its folder by a test: money is held for two parties until it is released."""
