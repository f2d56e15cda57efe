"""What a model is: its contract, its artifact, its answers, and where artifacts are kept."""
