"""CodeDeploy for Lambda: the traffic of an alias moves to another version, watched, and back.

A request goes api → service, which lets every deployment (pure) take its next step when time has
passed, as its group wants it.
"""
