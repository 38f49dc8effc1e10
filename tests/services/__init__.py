"""Start the programs that tests use: PostgreSQL, Chromium, the HTML checker."""
