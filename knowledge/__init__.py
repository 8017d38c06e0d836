"""What is known about medicine: cited articles, a graph of concepts, and the search over both."""
