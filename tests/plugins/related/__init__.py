"""Test the plugin that shows which posts are alike."""
