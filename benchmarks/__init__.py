"""What is measured of Lambent, beside its peers."""

import model_store  # noqa: F401 - ONNX Runtime, imported after it, does not report its use
