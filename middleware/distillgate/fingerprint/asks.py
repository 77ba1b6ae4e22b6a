"""What a text asks for that harvests ask for as well. Weak, capped features and never more.

Teachers, auditors, evaluation harnesses and labelling teams ask for the same: honest customers were
banned over such a phrase. So a constant text counts once an account, the rest as a rate over an
account's own varying texts, and no action follows from one request's words (measured: a lexical
classifier finds 0.96 of the kinds it has seen, 0.09 of the others, at one false alarm in a
thousand). The patterns are hand-written, from the words of public disclosures and papers.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from enum import IntFlag
from typing import NamedTuple


class Ask(IntFlag):
    """Kinds of asking."""

    REASONING = 1
    """The reasoning, written out."""
    HIDDEN = 2
    """What the model is not meant to show: hidden reasoning, instructions, working memory."""
    GRADING = 4
    """Marks for answers, by a rubric or against each other."""
    CLEANING = 8
    """Reasoning that somebody has, mended or put into a form."""
    GENERATION = 16
    """Tasks, questions or conversations made up."""


class _Pattern(NamedTuple):
    """What to look for, and where: near words that many texts have not."""

    ask: Ask
    near: frozenset[bytes]
    also: frozenset[bytes]
    """One of these must be in the text, too; none: nothing must."""
    pattern: re.Pattern[str]


def _words(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


# Some words between two others; the last may be a part of a compound. A word is taken whole (++):
# were a dash both a word and what stands between words, a rule of thirty would hold the gate for
# minutes.
_GAP = r"\W++(?:\w++(?:['-]++\w++)*+\W++){0,%d}?(?:\w++['-]++)*?"
_PATTERNS = (
    _Pattern(
        Ask.REASONING,
        _words("step reasoning thinking thought scratchpad aloud loud verbatim show through"),
        _words(""),
        re.compile(
            r"step[- ]by[- ]step|chain[- ]of[- ]thought"
            r"|show (?:all )?(?:your|the) (?:work|reasoning|steps)"
            r"|(?:your|the|its|internal|full|entire) (?:\w+ )?(?:reasoning|thought process"
            r"|thinking)"
            r"|<(?:think|thinking|reasoning|scratchpad)>|reason(?:ing)? (?:aloud|out loud|verbatim)"
            r"|think (?:it |this )?through|think (?:out loud|aloud)"
        ),
    ),
    _Pattern(
        Ask.HIDDEN,
        _words(
            "hidden internal private prior previous unfiltered secret raw original inner "
            "silent latent scratchpad memory thinking prompt trace monologue everything "
            "thought message"
        ),
        _words(
            "output print repeat translate encode dump rewrite recite continue quote "
            "reveal show return display transcribe write give copy reproduce disclose "
            "expose spell"
        ),
        re.compile(
            r"\b(?:output|print|repeat|translate|encode|dump|rewrite|recite|continue|quote|reveal"
            r"|show|return|display|transcribe|write|give|copy|reproduce|disclose|expose|spell)\b"
            + _GAP % 6
            + r"(?:(?:hidden|internal|private|prior|previous|raw|original|unfiltered|secret|inner"
            r"|silent|latent)\W+(?:\w+\W+){0,2}?(?:reasoning|thoughts?|thinking|analysis|notes"
            r"|deliberations?|monologue|chain[- ]of[- ]thought|scratchpad|memory|instructions)"
            r"|(?:your|the)\W+(?:\w+\W+)?(?:scratchpad|working memory|thinking block"
            r"|thinking tokens|chain[- ]of[- ]thought|system prompt|system message|reasoning trace"
            r"|inner monologue)"
            r"|everything (?:before|above) this)"
        ),
    ),
    _Pattern(
        Ask.GRADING,
        _words(
            "rate score grade rank judge evaluate assess mark compare which response "
            "answer assistant output candidate"
        ),
        _words(
            "rubric criteria criterion scale 5 10 100 five ten better best preferred "
            "worse b 2 two"
        ),
        re.compile(
            r"\b(?:rate|score|grade|rank|judge|evaluate|assess|mark|compare)\b[^\n]{0,90}"
            r"(?:\b(?:10?|one|zero|0)\W{0,3}(?:-|to|and|or)\W{0,3}(?:5|10|100|five|ten)\b|rubric"
            r"|criteri|scale|out of (?:5|10|100|five|ten))"
            r"|which" + _GAP % 3 + r"(?:is|was) (?:better|best|preferred|worse)"
            r"|(?:response|answer|assistant|output|candidate) (?:a|1|one)\b[^\n]{0,60}"
            r"\b(?:response|answer|assistant|output|candidate)? ?(?:b|2|two)\b"
        ),
    ),
    _Pattern(
        Ask.CLEANING,
        _words(
            "reasoning trace traces thought trajectory trajectories transcript "
            "transcripts rationale rationales"
        ),
        _words(
            "clean fix normalise normalize polish rewrite remove refine correct shorten "
            "reformat standardise standardize tidy deduplicate condense strip repair"
        ),
        re.compile(
            r"\b(?:clean|fix|normali[sz]e|polish|rewrite|remove|refine|correct|shorten|reformat"
            r"|standardi[sz]e|tidy|deduplicate|condense|strip|repair)\b"
            + _GAP % 8
            + r"(?:reasoning|traces?|chain[- ]of[- ]thought|trajector(?:y|ies)|transcripts?"
            r"|rationales?|thought process)"
        ),
    ),
    _Pattern(
        Ask.GENERATION,
        _words(
            "come generate create invent produce compose brainstorm propose design craft "
            "make write give"
        ),
        _words(
            "instruction instructions prompt prompts task tasks question questions "
            "problem problems exercise exercises query queries dialogue dialogues "
            "conversation conversations scenario scenarios"
        ),
        re.compile(
            r"(?:come up with|generat|creat|invent|produc|compos|brainstorm|propos|design|craft"
            r"|make up|write|give me)[^\n.?]{0,40}?"
            r"(?:\d+|diverse|new|novel|similar|different|challenging|harder|difficult|complex"
            r"|self-contained|synthetic|rare|unique|varied|more|another|rewritten|verifiable) "
            r"[^\n.?]{0,40}?(?:instruction|prompt|task|question|problem|exercise|quer(?:y|ies)"
            r"|dialogue|conversation|scenario)"
        ),
    ),
)  # fmt: skip
_READ = 2048
_BEFORE, _AFTER, _PLACES = 140, 100, 3
"""Characters round a telling word that are looked at, and how many places of a kind are."""


_PLAIN = bytes(
    ord(c.lower()) if (c := chr(byte)).isascii() and c.isalnum() else ord(" ")
    for byte in range(256)
)
"""Letters and digits in lower case, all else as space: words can be looked up in a set, which is
far cheaper than looking for every telling word in the text."""


class Asked(NamedTuple):
    """What a text asks for, and the words in which it asks for what is hidden."""

    kinds: Ask
    wording: str = ""


def asks(text: str) -> Asked:
    """Say what a text (its first and last two thousand characters) asks for."""
    if len(text) > 2 * _READ:
        text = text[:_READ] + "\n" + text[-_READ:]
    words = set(text.encode("utf-8", "surrogatepass").translate(_PLAIN).split())
    kinds, wording, lower = Ask(0), "", ""
    for ask, near, also, pattern in _PATTERNS:
        if near.isdisjoint(words) or (also and also.isdisjoint(words)):
            continue
        lower = lower or text.lower()
        for window in _windows(lower, near & words):
            found = pattern.search(window)
            if found is not None:
                kinds |= ask
                if ask is Ask.HIDDEN:
                    wording = _sentence(window, found)
                break
    return Asked(kinds, wording)


def _windows(text: str, near: AbstractSet[bytes]) -> Iterator[str]:
    left = _PLACES
    for word in sorted(near):
        telling = word.decode()
        at = text.find(telling)
        while at >= 0 and left:
            yield text[max(0, at - _BEFORE) : at + _AFTER]
            left -= 1
            at = text.find(telling, at + _AFTER)


def _sentence(window: str, found: re.Match[str]) -> str:
    start = max(window.rfind(end, 0, found.start()) for end in "\n.!?") + 1
    stop = min((at for end in "\n.!?" if (at := window.find(end, found.end())) >= 0), default=None)
    return window[start:stop].strip()
