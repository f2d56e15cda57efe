"""Declared fallbacks become data that Lambda answers from."""
