"""Bluesky, and any other service that speaks the AT Protocol."""
