"""The practice network's own site. It knows the network's `street` and nothing of Callbox."""
