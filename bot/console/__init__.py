"""The pages of the nurses and of the demo patient."""
