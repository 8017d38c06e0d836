"""A year in minutes, with everything that can go wrong going wrong."""
