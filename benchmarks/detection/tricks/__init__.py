"""What the operator of a campaign may do to its requests, each with what it costs him.

A trick changes lines of a traffic log. The price is per request and says what is lost beside: the
quality of what is harvested, money, or nothing. Worlds draw tricks by their place in `TRICKS`:
those of single requests come first.
"""

from benchmarks.detection.tricks import requests, sequences
from benchmarks.detection.tricks.trick import TRICKS, Dice, Lines, Record, Trick

__all__ = ["TRICKS", "Dice", "Lines", "Record", "Trick", "requests", "sequences"]
