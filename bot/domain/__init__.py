"""The words of the house: frozen dataclasses without input or output."""
