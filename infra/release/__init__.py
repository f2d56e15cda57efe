"""Releasing a model: observe, plan (pure), apply (thin), and remember what was live when."""
