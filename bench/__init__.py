"""The figures the house promises, measured on the machine it stands on: python -m bench."""
