"""A proving ground that is drawn, not designed.

Every habit of everybody in a world is a parameter with a wide prior (`parameters`); a world is what
a seed and a number make of them (`world`), replayed through the engine of `distillgate replay`
(`play`). Results are kept a line a world (`results`). The report says how the detection rate and
the false positives are distributed and which parameters they depend on (`report`, `tree`).
"""
