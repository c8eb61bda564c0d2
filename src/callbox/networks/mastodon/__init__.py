"""Mastodon, and every other server that speaks its client API (GoToSocial, Pleroma, Akkoma)."""
