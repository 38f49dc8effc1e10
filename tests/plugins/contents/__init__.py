"""Tests of the contents plugin."""
