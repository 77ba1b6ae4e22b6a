"""Sentences put together from alternatives: many wordings of one meaning."""

import random

Choices = tuple[tuple[tuple[str, ...], ...], ...]


def choices(text: str) -> Choices:
    """Read sentences, parted by empty lines; a line lists a place's alternatives, by `|`."""
    return tuple(
        tuple(tuple(place.split("|")) for place in sentence.splitlines())
        for sentence in text.strip().split("\n\n")
    )


def sentences(found: Choices, dice: random.Random, end: str = ".") -> list[str]:
    """Draw one wording of each sentence, in the order given."""
    return [" ".join(dice.choice(place) for place in sentence) + end for sentence in found]
