"""X (API v2): https://docs.x.com/x-api."""
