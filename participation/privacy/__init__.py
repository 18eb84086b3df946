"""Encryption of single fields, with keys outside the database."""
