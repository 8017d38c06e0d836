"""Who wakes the rows."""
