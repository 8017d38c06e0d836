"""The bot speaks first: plan, ask, miss."""
