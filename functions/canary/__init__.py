"""The judge of a release: every minute, while traffic moves to a new version."""
