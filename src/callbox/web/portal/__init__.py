"""The public pages: talk with us, and come back with a key. No account, no JavaScript."""
