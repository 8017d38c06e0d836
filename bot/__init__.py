"""The application: it knows the four quiet rooms and lets them answer one patient at a time."""
