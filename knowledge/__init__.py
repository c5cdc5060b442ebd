"""Answers that the office already has: entries, their checks, and the search over them. Knows no bot."""
