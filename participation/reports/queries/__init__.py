"""Reads of the yearly report, ordered and bounded."""
