"""The tests of Palabre; folders mirror blog/ and plugins/."""
