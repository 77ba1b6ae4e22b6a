"""The engine: where the stages are put together, what it remembers, and how it learns."""
