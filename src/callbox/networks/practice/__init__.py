"""The practice network: a server of our own that behaves like somebody else's."""
