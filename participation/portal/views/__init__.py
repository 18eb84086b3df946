"""Pages of the residents' front door."""
