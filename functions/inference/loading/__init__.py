"""How the pinned artifact gets from S3 into memory, and what happens when it does not."""
