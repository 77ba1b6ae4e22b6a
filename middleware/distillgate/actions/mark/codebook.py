"""The words a question back may begin with: pairs that say the same, of which a key takes one."""

import re
from collections.abc import Sequence

from distillgate.derive import derive

PAIRS: tuple[tuple[str, str], ...] = (
    ("Would you like", "Do you want"),
    ("Shall I", "Should I"),
    ("Does that", "Does this"),
    ("Is there anything", "Is there something"),
    ("What else", "What more"),
    ("Which part", "Which piece"),
    ("How does that", "How does this"),
    ("Have you already", "Have you ever"),
    ("Are you planning", "Are you hoping"),
    ("Could you tell me", "Can you tell me"),
    ("May I ask", "Might I ask"),
    ("Do you need", "Do you require"),
    ("Would it help", "Would it be useful"),
    ("Is this for", "Is that for"),
    ("What made you", "What led you"),
    ("Where will you", "Where would you"),
    ("When do you", "When will you"),
    ("Who else", "Who is"),
    ("How far", "How much"),
    ("What would you", "What will you"),
    ("Which of these", "Which one"),
    ("Did that", "Did this"),
    ("Are there", "Is there a"),
    ("Was that", "Was this"),
    ("Why do you", "Why are you"),
    ("How do you", "How will you"),
    ("What is your", "What are your"),
    ("Does it", "Will it"),
    ("Do you have", "Have you got"),
    ("Would a", "Might a"),
    ("In which", "For which"),
    ("Can I", "Could I"),
)
"""Changing this list makes every mark that was given unreadable: it is only ever added to."""

_WORDS = re.compile(r"[a-z']+")
_FORMS = {
    tuple(form.lower().split()): (pair, side)
    for pair, forms in enumerate(PAIRS)
    for side, form in enumerate(forms)
}
_LONGEST = max(map(len, _FORMS))
_LAST = re.compile(r"(?:^|[.!?:\n]\s*)([^.!?:\n]{1,300})\?[\s\"')*_]*\Z")
"""The question an answer ends with."""


def key_of(secret: bytes, group: str) -> Sequence[int]:
    """Derive a group's key: for each pair, which of the two is its own (0 or 1)."""
    bits = int.from_bytes(derive(secret, b"mark\x1f" + group.encode()))
    return [bits >> number & 1 for number in range(len(PAIRS))]


def question(answer: str) -> str | None:
    """Find the question an answer ends with; None where it ends otherwise."""
    found = _LAST.search(answer[-400:])
    return found[1].strip() if found else None


def form(text: str) -> tuple[int, int] | None:
    """Tell which pair, and which of it, a question begins with; None for any other words."""
    words = tuple(_WORDS.findall(text.lower())[:_LONGEST])
    for length in range(len(words), 0, -1):
        if (found := _FORMS.get(words[:length])) is not None:
            return found
    return None
