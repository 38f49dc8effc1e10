"""Bundled plugins, installed as ``blog_plugins``."""
