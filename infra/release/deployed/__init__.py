"""What is deployed: read as it is now, and moved by one alias."""
