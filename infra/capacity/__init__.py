"""Capacity planning: a small model of Lambda that answers for loads this machine cannot make."""
