"""A release: planned, built, asked, moved to, refused."""
