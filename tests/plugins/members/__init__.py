"""Test posts for members."""
