"""clearspec: an executable, formally checked reference model of clearing and settlement."""
