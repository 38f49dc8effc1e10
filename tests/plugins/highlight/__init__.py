"""Tests of the highlight plugin."""
