"""Measure: drop or shorten the reasoning in answers, on every API, streamed or not."""
