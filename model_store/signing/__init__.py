"""Who vouches for a published version: its manifest's digest, signed under its name and version."""
