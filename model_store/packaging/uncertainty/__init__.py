"""Measures how sure the model may be: calibration, sets and intervals, novelty, trade-offs."""
