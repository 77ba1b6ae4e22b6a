"""Reads pictures back: what is drawn must be what was given."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

SHAPE = re.compile(r"M[^M]*")


def tree(drawn: str) -> Any:
    return ElementTree.fromstring(drawn)


def of(drawn: str, kind: str) -> list[Any]:
    """Return the elements with a class."""
    return [one for one in tree(drawn).iter() if kind in one.attrib.get("class", "").split()]


def texts(drawn: str) -> list[str]:
    return [one.text for one in tree(drawn).iter("text")]


def shapes(drawn: str, kind: str) -> int:
    """Return how many separate shapes the paths of a class have."""
    return sum(len(SHAPE.findall(one.attrib["d"])) for one in of(drawn, kind))


BINS = 336


def bins(**at: int) -> list[int]:
    counts = [0] * BINS
    for place, count in at.items():
        counts[int(place[1:])] = count
    return counts
