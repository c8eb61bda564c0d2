"""Nextdoor for Public Agencies: posts to the neighbourhoods, and the comments under them."""
