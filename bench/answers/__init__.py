"""Passages, letters and questions written to tune and to calibrate the search."""
