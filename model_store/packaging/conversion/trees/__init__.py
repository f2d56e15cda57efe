"""Tree ensembles in the newest operator, which is a fraction of the size."""
