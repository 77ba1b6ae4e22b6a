"""Where what is remembered is kept, so that it outlives the process."""
