"""Instagram: comments, mentions and messages of a professional account, and its posts."""
