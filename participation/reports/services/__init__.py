"""One verb per business act of the yearly report."""
