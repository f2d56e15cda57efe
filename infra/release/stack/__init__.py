"""Stacks, that of the platform and those of models, and the real sam that makes them."""
