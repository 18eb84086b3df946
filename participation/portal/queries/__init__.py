"""Reads of the residents' front door."""
