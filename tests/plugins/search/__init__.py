"""Test the plugin that finds posts and comments by their words."""
