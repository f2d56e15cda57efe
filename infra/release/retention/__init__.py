"""Which old versions are kept, and which may go."""
