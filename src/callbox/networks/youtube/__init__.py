"""YouTube: the comments under our videos, and the videos themselves."""
