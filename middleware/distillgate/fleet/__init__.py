"""One evidence in several processes: what each learned, in one order, learned by all."""
