"""The plugin backup."""
