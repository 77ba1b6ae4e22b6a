"""How much the gate costs: `python -m benchmarks`. What it prints is never committed."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `python -m distillgate` does
