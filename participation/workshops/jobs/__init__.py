"""What the worker does for workshops, one module a subject."""
