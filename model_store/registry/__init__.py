"""Published artifacts in S3: written once, the manifest last, never changed."""
