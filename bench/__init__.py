"""Measurements that are too long or too noisy for the suite: `python -m bench [topic ...]`."""
