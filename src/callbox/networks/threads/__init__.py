"""Threads: mentions, replies and posts of one profile."""
