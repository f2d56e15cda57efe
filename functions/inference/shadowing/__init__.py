"""A copy of live requests goes to another version after the caller has the answer."""
