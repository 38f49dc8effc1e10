"""Tests of the share plugin."""
