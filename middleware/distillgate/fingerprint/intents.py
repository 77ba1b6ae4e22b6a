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
from enum import IntEnum
from typing import NamedTuple

from distillgate.fingerprint.lexicon import lexicon
from distillgate.records import FrozenStruct


class Intent(IntEnum):
    """Kinds of asking, a bit each: several are their sum, a plain number."""

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
    """What to look for, and where: near words that many texts have not.

    A pattern costs microseconds, a look at a set of words a twentieth of one: so each way of asking
    has a pattern of its own, and names the words without which it cannot be.
    """

    ask: Intent
    needs: tuple[frozenset[bytes], ...]
    """Of each set one word must be in the text; it is looked for near those of the first."""
    pattern: re.Pattern[str]


def _needs(*words: str) -> tuple[frozenset[bytes], ...]:
    return tuple(frozenset(some.encode().split()) for some in words)


# Some words between two others; the last may be a part of a compound. A word is taken whole (++):
# were a dash both a word and what stands between words, a rule of thirty would hold the gate for
# minutes.
_GAP = r"\W++(?:\w++(?:['-]++\w++)*+\W++){0,%d}?(?:\w++['-]++)*?"
_TELL = (
    "output print repeat translate encode dump rewrite recite continue quote reveal show return "
    "display transcribe write give copy reproduce disclose expose spell"
)
_TOLD = rf"\b(?:{'|'.join(_TELL.split())})\b" + _GAP % 6
_HIDDEN = (
    "hidden internal private prior previous raw original unfiltered secret inner silent latent"
)
_JUDGE = "rate score grade rank judge evaluate assess mark compare"
_TALK = "response answer assistant output candidate"
_PATTERNS = (
    _Pattern(Intent.REASONING, _needs("step", "by"), re.compile("step[- ]by[- ]step")),
    _Pattern(Intent.REASONING, _needs("chain", "thought"), re.compile("chain[- ]of[- ]thought")),
    _Pattern(
        Intent.REASONING,
        _needs("show", "your the", "work reasoning steps"),
        re.compile("show (?:all )?(?:your|the) (?:work|reasoning|steps)"),
    ),
    _Pattern(
        Intent.REASONING,
        _needs("reasoning thinking process", "your the its internal full entire"),
        re.compile(
            r"(?:your|the|its|internal|full|entire) (?:\w+ )?(?:reasoning|thought process|thinking)"
        ),
    ),
    _Pattern(
        Intent.REASONING,
        _needs("think thinking reasoning scratchpad"),
        re.compile("<(?:think|thinking|reasoning|scratchpad)>"),
    ),
    _Pattern(
        Intent.REASONING,
        _needs("aloud loud verbatim", "reason reasoning think"),
        re.compile("reason(?:ing)? (?:aloud|out loud|verbatim)|think (?:out loud|aloud)"),
    ),
    _Pattern(
        Intent.REASONING,
        _needs("think", "through"),
        re.compile("think (?:it |this )?through"),
    ),
    _Pattern(
        Intent.HIDDEN,
        _needs(
            _HIDDEN,
            _TELL,
            "reasoning thought thoughts thinking analysis notes deliberation deliberations "
            "monologue chain scratchpad memory instructions",
        ),
        re.compile(
            rf"{_TOLD}(?:{'|'.join(_HIDDEN.split())})\W+(?:\w+\W+){{0,2}}?(?:reasoning|thoughts?"
            r"|thinking|analysis|notes|deliberations?|monologue|chain[- ]of[- ]thought|scratchpad"
            r"|memory|instructions)"
        ),
    ),
    _Pattern(
        Intent.HIDDEN,
        _needs(
            "scratchpad memory block blocks tokens thought prompt message trace monologue",
            _TELL,
            "your the",
            "scratchpad working thinking chain system reasoning inner",
        ),
        re.compile(
            rf"{_TOLD}(?:your|the)\W+(?:\w+\W+)?(?:scratchpad|working memory|thinking block"
            r"|thinking tokens|chain[- ]of[- ]thought|system prompt|system message"
            r"|reasoning trace|inner monologue)"
        ),
    ),
    _Pattern(
        Intent.HIDDEN,
        _needs("everything", _TELL, "before above"),
        re.compile(rf"{_TOLD}everything (?:before|above) this"),
    ),
    _Pattern(
        Intent.GRADING,
        _needs(_JUDGE, "rubric criteria criterion scale 5 10 100 five ten"),
        re.compile(
            rf"\b(?:{'|'.join(_JUDGE.split())})\b[^\n]{{0,90}}"
            r"(?:\b(?:10?|one|zero|0)\W{0,3}(?:-|to|and|or)\W{0,3}(?:5|10|100|five|ten)\b|rubric"
            r"|criteri|scale|out of (?:5|10|100|five|ten))"
        ),
    ),
    _Pattern(
        Intent.GRADING,
        _needs("which", "better best preferred worse", "is was"),
        re.compile(r"which" + _GAP % 3 + r"(?:is|was) (?:better|best|preferred|worse)"),
    ),
    _Pattern(
        Intent.GRADING,
        _needs(_TALK, "b 2 two", "a 1 one"),
        re.compile(
            rf"(?:{'|'.join(_TALK.split())}) (?:a|1|one)\b[^\n]{{0,60}}"
            rf"\b(?:{'|'.join(_TALK.split())})? ?(?:b|2|two)\b"
        ),
    ),
    _Pattern(
        Intent.CLEANING,
        _needs(
            "reasoning trace traces thought trajectory trajectories transcript "
            "transcripts rationale rationales",
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
        Intent.GENERATION,
        _needs(
            "come generate create invent produce compose brainstorm propose design craft "
            "make write give",
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
TELLING = sorted(frozenset().union(*(some for _, needs, _ in _PATTERNS for some in needs)))
_LEXICON = lexicon(tuple(TELLING))


def _bits() -> tuple[dict[bytes, int], tuple[tuple[int, _Pattern], ...]]:
    """Return the bits that each word sets, one of each set of words that a pattern needs, and each
    pattern with those that it asks for.
    """
    bits, asked, place = dict.fromkeys(TELLING, 0), list[tuple[int, _Pattern]](), 0
    for pattern in _PATTERNS:
        asked.append(((1 << len(pattern.needs)) - 1 << place, pattern))
        for some in pattern.needs:
            for word in some:
                bits[word] |= 1 << place
            place += 1
    return bits, tuple(asked)


_BITS, _ASKED = _bits()
_READ = 2048
_BEFORE, _AFTER, _PLACES = 140, 100, 3
"""Characters round a telling word that are looked at, and how many places of a kind are."""


class Intents(FrozenStruct, frozen=True):
    """What a text asks for, and the words in which it asks for what is hidden."""

    kinds: int
    """Bits of `Intent`."""
    wording: str = ""


def intents(text: str) -> Intents:
    """Return what a text (its first and last two thousand characters) asks for."""
    if len(text) > 2 * _READ:
        text = text[:_READ] + "\n" + text[-_READ:]
    words = _LEXICON.find(text.encode("utf-8", "surrogatepass"))
    kinds, wording, lower, has = 0, "", "", 0
    for word in words:
        has |= _BITS[word]
    for bits, (ask, needs, pattern) in _ASKED:
        if has & bits != bits or kinds & ask:
            continue
        lower = lower or text.lower()
        for window in _windows(lower, needs[0] & words):
            found = pattern.search(window)
            if found is not None:
                kinds |= ask
                if ask is Intent.HIDDEN:
                    wording = _sentence(window, found)
                break
    return Intents(kinds, wording)


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
