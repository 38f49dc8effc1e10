"""Tests of the opengraph plugin."""
