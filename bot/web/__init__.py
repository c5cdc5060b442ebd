"""Webhooks, staff pages, simulator pages, health. Mounts and translates; knows no SQL and decides nothing."""
