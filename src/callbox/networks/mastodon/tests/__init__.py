"""Tests of the Mastodon connector."""
