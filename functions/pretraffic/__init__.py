"""The pre-traffic hook: tries a version before anybody meets it, and refuses what is not fit."""
