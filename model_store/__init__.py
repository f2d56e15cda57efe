"""What a model is: its contract, its artifact, its answers, and where artifacts are kept."""

import os

# The builds of ONNX Runtime report their use to Microsoft, under an identifier that they keep on
# the machine, unless this is set before they are imported. What is asked of a model is nobody's.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
