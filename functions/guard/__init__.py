"""The guard: an alarm of the live version, soon after a release, takes the release back."""
