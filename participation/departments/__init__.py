"""Departments (課) with their history: names, parents (部) and successors."""
