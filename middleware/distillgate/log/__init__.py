"""One log of what happened, in one order; a state is a fold over it."""
