"""The application: it knows the four quiet rooms and lets them answer one patient at a time."""

import os

# Before numpy is loaded: OpenBLAS's second thread spins for milliseconds after each product, and
# took a quarter of the processor in a burst. The house has threads enough of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
