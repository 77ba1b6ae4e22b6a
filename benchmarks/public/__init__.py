"""A public comparison: generated traffic logs, each campaign beside honest accounts that look like
it, the gate, and the rules that are commonly described against it."""
