"""Lambda entry: CloudWatch calls it when an alarm of the live version changes its state."""

import os

from functions.guard.function import build_guard

handler = build_guard(os.environ)
