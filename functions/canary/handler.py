"""Lambda entry: a schedule calls it every minute."""

import os

from functions.canary.function import build_handler

handler = build_handler(os.environ)
