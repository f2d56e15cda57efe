"""Lambda entry: tries the version that is about to go live, before anybody else meets it."""

import os

from functions.pretraffic.function import build_hook

handler = build_hook(os.environ)
