"""Lambda entry: the model is loaded here, once per execution environment."""

import gc

# Collecting while modules load finds nothing and costs a tenth of the cold start.
gc.disable()

import os  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from functions.inference.function import build_handler  # noqa: E402

handler = build_handler(os.environ, cache=Path(tempfile.gettempdir()) / "lambent")
gc.freeze()
gc.enable()
