"""Test categories and tags."""
