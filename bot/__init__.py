"""The consultation service: a message walks once from the door to the post office. See docs/architecture.md."""
