"""Tests of the feeds plugin."""
