"""What holds for every test."""

from hypothesis import settings

import model_store  # noqa: F401 - before any test imports ONNX Runtime: see there

# No test may fail because the machine was busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
