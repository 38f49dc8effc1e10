"""A plugin written for API 1, kept for ever."""
