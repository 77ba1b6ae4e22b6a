"""Saying a text again about another subject.

There is far less public text than tens of thousands of accounts need. A text that is used once more
keeps its manner (sentences, function words, punctuation) and takes its content words from a donor
text, the same word for the same word throughout, so that no two accounts send the same words and a
conversation still has one subject. Numbers become other numbers.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

_TOKEN = re.compile(r"[A-Za-z]{4,}|\d+")
_ENDINGS = ("ing", "ed", "ly", "ion", "s", "er", "al", "y", "e")
_KEEP = 0.3
"""Share of a text's content words that stay."""
_PHRASE = 25
"""Characters up to which many people say the same ("Thanks, that's all")."""
_KNOWN = 3
"""Times a word occurs in the corpus before it may stand for another."""


def _shape(word: str) -> tuple[str, bool]:
    ending = next((end for end in _ENDINGS if word.endswith(end)), "")
    return ending, len(word) > 7


class Vocabulary:
    """The words of a corpus: which carry no subject, and the others by shape."""

    def __init__(self, texts: Iterable[str], common: int = 500) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(word.lower() for word in _TOKEN.findall(text[:2000]))
        self.common = {word for word, _ in counts.most_common(common)}
        self._shaped: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for word in sorted(counts):
            if counts[word] >= _KNOWN and word not in self.common and word.isalpha():
                self._shaped[_shape(word)].append(word)

    def subject(self, donor: str) -> dict[tuple[str, bool], list[str]]:
        """Return a donor text's content words, by shape."""
        found: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for word in dict.fromkeys(w.lower() for w in _TOKEN.findall(donor[:3000])):
            if word not in self.common and word.isalpha():
                found[_shape(word)].append(word)
        return found

    def any(self, shape: tuple[str, bool], dice: random.Random) -> str | None:
        """Return some word of a shape, or None where there is none."""
        words = self._shaped.get(shape)
        return dice.choice(words) if words else None


class Retelling(dict[str, str]):
    """Word for word what becomes of a text; consistent for as long as it is used."""

    def __init__(self, vocabulary: Vocabulary, donor: str, seed: str) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._dice = random.Random(seed)
        self._subject: Mapping[tuple[str, bool], list[str]] = vocabulary.subject(donor)

    def __missing__(self, word: str) -> str:
        self[word] = said = self._say(word)
        return said

    def _say(self, word: str) -> str:
        dice = self._dice
        if word.isdigit():
            return (
                word
                if len(word) < 2
                else str(dice.randrange(10 ** (len(word) - 1), 10 ** len(word)))
            )
        lower = word.lower()
        if lower in self._vocabulary.common or dice.random() < _KEEP:
            return word
        shape = _shape(lower)
        own = self._subject.get(shape)
        said = own.pop(dice.randrange(len(own))) if own else self._vocabulary.any(shape, dice)
        if said is None:
            return word
        return said.upper() if word.isupper() else said.capitalize() if word[0].isupper() else said

    def say(self, text: str, fixed: frozenset[str] = frozenset()) -> str:
        """Retell a text; lines in `fixed` stay as they are."""
        if fixed:
            lines = text.split("\n")
            return "\n".join(
                line if line.strip() in fixed else _TOKEN.sub(self._token, line) for line in lines
            )
        said = _TOKEN.sub(self._token, text)
        if said == text and len(text) > _PHRASE:
            return _TOKEN.sub(self._any, text)
        return said

    def _token(self, found: re.Match[str]) -> str:
        return self[found[0]]

    def _any(self, found: re.Match[str]) -> str:
        """Replace a common word as well: a sentence of nothing else would stay as it is."""
        word = found[0]
        if self._dice.random() < 0.5:
            return word
        return self._vocabulary.any(_shape(word.lower()), self._dice) or word


def retell(vocabulary: Vocabulary, texts: Sequence[str], donor: str, seed: str) -> list[str]:
    """Retell several texts as one, about the donor's subject."""
    retelling = Retelling(vocabulary, donor, seed)
    return [retelling.say(text) for text in texts]
