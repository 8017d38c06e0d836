"""One message through the house."""
