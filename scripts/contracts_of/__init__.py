"""One module per network: what to take from its own API description. See scripts/contracts."""
