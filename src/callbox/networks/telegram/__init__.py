"""Telegram, through a bot of the agency's."""
