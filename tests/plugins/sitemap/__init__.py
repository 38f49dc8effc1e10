"""Tests of the sitemap plugin."""
