"""Doors to the world, one vendor a file."""
