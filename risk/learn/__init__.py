"""Learn a model of one's own from a table, judge it without flattery, and keep watch over it."""
