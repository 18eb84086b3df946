"""Stored files: bytes under a random key, their own name only in the database."""
