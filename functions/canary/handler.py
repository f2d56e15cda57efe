"""Lambda entry: a schedule calls it every minute."""

import os

from functions.canary.function import build_judge

handler = build_judge(os.environ)
