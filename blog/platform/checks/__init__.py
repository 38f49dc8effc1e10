"""Look for mistakes of a plugin in its source, importing nothing: one module for each noun."""
