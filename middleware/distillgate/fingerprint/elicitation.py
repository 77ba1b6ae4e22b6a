"""Does a text ask for the reasoning to be written out? A weak, capped feature and never more.

Teachers, auditors and evaluation harnesses ask for it too: honest customers were banned over such
a phrase. So it is read once of a template and as a rate over an account's own varying text, and no
action follows from one request's words (measured: a lexical classifier finds 0.96 of the kinds it
has seen, 0.09 of the others, at one false alarm in a thousand).
"""

import re

_HINTS = ("step", "think", "thought", "reason", "work", "scratchpad")
_ASKS = re.compile(
    r"step[- ]by[- ]step|chain[- ]of[- ]thought|show (?:all )?(?:your|the) (?:work|reasoning|steps)"
    r"|(?:your|the|its|internal|full|entire) (?:\w+ )?(?:reasoning|thought process|thinking)"
    r"|<(?:think|thinking|reasoning|scratchpad)>|reason(?:ing)? (?:aloud|out loud|verbatim)"
    r"|think (?:it |this )?through|think (?:out loud|aloud)"
)
_READ = 2048


def asks_for_reasoning(text: str) -> bool:
    """Whether the text (its first and last two thousand characters) asks for the reasoning."""
    if len(text) > 2 * _READ:
        text = text[:_READ] + "\n" + text[-_READ:]
    text = text.lower()
    # Finding a substring is far cheaper than trying an alternation at every place.
    return any(hint in text for hint in _HINTS) and _ASKS.search(text) is not None
