"""Lambda entry: CloudWatch calls it when an alarm of the live version changes its state."""

import os

from functions.guard.function import build_handler

handler = build_handler(os.environ)
