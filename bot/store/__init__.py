"""Rows: the truth of the house."""
