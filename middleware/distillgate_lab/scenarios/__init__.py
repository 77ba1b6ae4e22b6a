"""Scenarios: honest customers and campaigns, as lines of a traffic log, from one set of writers.

The proving ground replays worlds of them, the drill plays them against a live gate. Everything
follows from a seed; text comes from a directory of texts or from a grammar.
"""
