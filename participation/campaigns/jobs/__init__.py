"""What the worker does for public comments, one module a subject."""
