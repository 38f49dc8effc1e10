"""Tests of the repository itself: its programs, its packaging, its imports."""
