"""Lambda entry: the model is loaded here, once per execution environment."""

import gc

# Collecting while modules load finds nothing and costs a tenth of the cold start.
gc.disable()

import os  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from functions.inference.loading.head_start import head_start  # noqa: E402

CACHE = Path(tempfile.gettempdir()) / "lambent"
begun = head_start(os.environ, CACHE)  # goes on while the rest is imported

from model_store.session import open_session  # noqa: E402

if begun:
    begun.open_with(open_session)

from functions.inference.function import build_handler  # noqa: E402

handler = build_handler(os.environ, CACHE, begun=begun)
gc.freeze()
gc.enable()
