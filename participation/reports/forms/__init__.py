"""Forms of the yearly report, one module a group of pages."""
