"""One detector a file: what an account or its group says, as a log-likelihood ratio."""
