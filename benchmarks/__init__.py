"""How much the gate costs: `python -m benchmarks`. What it prints is never committed."""
