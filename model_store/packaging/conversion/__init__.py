"""From an estimator, or somebody else's graph, to a graph that is proven to answer alike."""
