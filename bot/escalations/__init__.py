"""A person must look: begin, climb, accept."""
