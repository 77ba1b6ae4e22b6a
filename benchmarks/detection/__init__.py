"""The proving ground: worlds of honest accounts and campaigns, replayed and scored.

`python -m benchmarks.detection` builds traffic logs, has `distillgate replay` judge them, and
prints what came of it. The gate is told nothing but the logs. What its worlds are is in `drawn`.
"""
