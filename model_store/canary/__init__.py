"""Whether a version that gets a part of the traffic is worse than the live one. Pure."""
