"""Measure what is fast, beside a by-hand reference in the same run."""
