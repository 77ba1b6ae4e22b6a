"""What operators ask a running gate: explain, pardon, metrics."""
