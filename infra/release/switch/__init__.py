"""To another version that is there already: rollback, kill switch, shadow."""
