"""Facebook Pages: comments, visitor posts, mentions, reviews and Messenger."""
