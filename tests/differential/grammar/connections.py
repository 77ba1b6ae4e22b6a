"""The whole: what one client sends over one connection."""

from collections.abc import Iterator, Mapping

from hypothesis import strategies as st
from tests.differential.grammar import codings, dialects, framing, headers, targets
from tests.differential.grammar.documents import OPERATIONS, Draw
from tests.differential.request import Sent

WORDS = {
    "target": sorted(targets.FORMS),
    "framing": sorted(framing.KINDS),
    "headers": sorted(headers.KINDS),
    "coding": sorted(codings.HOW),
    "dialect": sorted(dialects.DIALECTS),
}
"""What may be odd about a request, and in which ways."""

STRATA = [(aspect, word) for aspect, words in WORDS.items() for word in words]
"""Every way, so that a run can give each its share."""


@st.composite
def connections(draw: Draw, aspect: str, word: str) -> Sent:
    """Draw the bytes of a connection: mostly one request, sometimes several in one go.

    The first of them is odd in one way for certain; any of them may be in another one too.
    """
    texts = _texts()
    raw, oddities = b"", set[str]()
    for number in range(draw(st.sampled_from((1, 1, 1, 1, 2, 3)))):
        odd = {} if number else {aspect: word}
        if draw(st.integers(0, 5)) == 5:
            other = draw(st.sampled_from(sorted(WORDS)))
            odd.setdefault(other, draw(st.sampled_from(WORDS[other])))
        raw += _request(draw, texts, odd)
        oddities |= {f"{name} {how}" for name, how in odd.items()}
        oddities |= {"pipelined"} if number else set()
    return Sent(raw, frozenset(oddities))


def _request(draw: Draw, texts: Iterator[str], odd: Mapping[str, str]) -> bytes:
    operation = draw(st.sampled_from(OPERATIONS))
    path = targets.target(draw, operation, odd.get("target", ""))
    data = dialects.document(draw, operation, texts, odd.get("dialect", ""))
    body = codings.coded(draw, data, odd.get("coding", ""))
    lines = headers.odd(draw, headers.usual(draw), odd.get("headers", ""))
    message = framing.Message("POST", path, [*lines, *body.headers], body.data)
    return framing.framed(draw, message, odd.get("framing", ""))


def _texts() -> Iterator[str]:
    """Count texts that nobody can take for each other."""
    number = 0
    while True:
        number += 1
        yield f"text {number:04d} end"
