"""What is learnt from how patients ask: which article a message is for, or that none is."""
