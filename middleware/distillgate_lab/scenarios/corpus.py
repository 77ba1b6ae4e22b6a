"""Reading a directory of texts: what a file can stand for is seen from its rows, never its name.

A file is `…_ROLE_….jsonl.gz` with the role benign, distill or trace; rows have `turns`
(conversations), `prompt` with optional `system`, `group`, `tpl`, `params`, or `t` (traces).
"""

import gzip
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from distillgate_lab.scenarios.text import Conversation, Corpus, Family, Item, Session, Turn

_ROLES = ("benign", "distill", "trace")
_LONG = 1_500
"""Characters from which a text sent under a system prompt is a document."""
_FEW_SHOT = 400
"""Characters of shared opening from which a family's prompts are few-shot."""
_RECORDS = 100
_SHORT = 400
"""A family of so many prompts, shorter than that, is somebody's records."""
_PHRASE = 25
"""Characters up to which many conversations may begin alike."""

Row = dict[str, Any]


class Source(NamedTuple):
    """One file."""

    name: str
    role: str
    rows: list[Row]


def load(directory: Path, half: str) -> Corpus:
    """Read a directory; `half` is dev, held (disjoint texts) or all."""
    corpus = Corpus(origin=f"{directory} ({half})")
    read_from = list(sources(directory))
    for (role, kind), read in _READERS.items():
        alike = [s for s in read_from if s.role == role and kind in s.rows[0]]
        for source in _halved(alike, half):
            read(corpus, source.rows)
    corpus.answers = [
        turn.content
        for talk in corpus.conversations
        for turn in talk.turns
        if turn.role == "assistant" and len(turn.content) > 80
    ]
    return corpus


def sources(directory: Path) -> Iterable[Source]:
    """Return the files of a directory whose role is known."""
    for path in sorted(directory.glob("*.jsonl.gz")):
        parts = path.name.removesuffix(".jsonl.gz").split("_")
        role = next((part for part in parts if part in _ROLES), None)
        if role is None:
            continue
        with gzip.open(path) as file:
            rows = [orjson.loads(line) for line in file]
        if rows:
            yield Source(path.name, role, rows)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _halved(sources: Sequence[Source], half: str) -> Iterable[Source]:
    """Keep one half: rows by hash, groups (templates, public prompts) together.

    Of the dealers' sources two in three are kept whole for one of the halves, so that figures are
    reported on kinds of work list that nothing was tuned on. Clocks are not text and serve both.
    """
    lists = [s.name for s in sources if s.role == "distill" and "params" not in s.rows[0]]
    ordered = sorted(lists, key=_hash) if len(lists) > 3 else []
    whole = {name: i % 3 for i, name in enumerate(ordered)}
    chosen = {"dev": 0, "held": 1}.get(half)
    for source in sources:
        side = whole.get(source.name, 2)
        if chosen is None or source.role == "trace" or side == chosen:
            yield source
        elif side == 2:
            by_group = len({_group(row) for row in source.rows}) >= 8
            rows = [
                row
                for row in source.rows
                if _hash(_group(row) if by_group else str(row.get("id", row))) % 2 == chosen
            ]
            if rows:
                yield source._replace(rows=rows)


def _group(row: Row) -> str:
    return str(row.get("group") or row.get("tpl") or row.get("system") or "")


def _conversations(corpus: Corpus, rows: list[Row]) -> None:
    """Keep conversations; of those that begin with the same sentence, the first."""
    begun: set[str] = set()
    for row in rows:
        turns = [Turn(t["role"], t["content"]) for t in row["turns"] if t.get("content")]
        system = "\n\n".join(turn.content for turn in turns if turn.role == "system")
        talk = tuple(turn for turn in turns if turn.role != "system")
        first = next((turn.content for turn in talk if turn.role == "user"), None)
        if first is not None and (len(first) <= _PHRASE or first not in begun):
            begun.add(first)
            corpus.conversations.append(Conversation(system, talk))


def _item(row: Row) -> Item:
    return Item(row["prompt"], row.get("system") or "", row.get("params") or {})


def _prompts(corpus: Corpus, rows: list[Row]) -> None:
    """Sort prompts by what they share: a system prompt, a few-shot opening, a short template."""
    grouped: dict[str, list[Item]] = defaultdict(list)
    for row in rows:
        grouped[str(row.get("group") or row.get("system") or "")].append(_item(row))
    for key, items in grouped.items():
        long = [item.prompt for item in items if item.system and len(item.prompt) >= _LONG]
        corpus.documents += long
        found = family(key[:60], items)
        if not key:
            corpus.questions += [item.prompt for item in items]
        elif found.opening >= _FEW_SHOT and not items[0].system:
            corpus.benchmarks.append(found)
        elif len(items) >= _RECORDS and len(items[len(items) // 2].prompt) < _SHORT:
            corpus.batches.append(found)
        elif items[0].system:
            corpus.public.append(found)


def _pool(corpus: Corpus, rows: list[Row]) -> None:
    """Keep a dealer's work list; templates that share no opening are one pool all the same."""
    items = [_item(row) for row in rows]
    if any(item.parameters for item in items):
        corpus.probes += items
    else:
        corpus.pools.append(family(str(rows[0].get("source", "")), items))


def family(name: str, items: list[Item]) -> Family:
    """Measure what a family's prompts have in common."""
    counts: Counter[str] = Counter()
    for item in items:
        counts.update({line.strip() for line in item.prompt.split("\n")})
    often = max(3, len(items) // 10)
    fixed = frozenset(line for line, count in counts.items() if count >= often and line)
    sample = [item.prompt for item in items[:: max(1, len(items) // 12)]]
    head, times = Counter(text[:60] for text in sample).most_common(1)[0]
    alike = [text for text in sample if text.startswith(head)]
    return Family(name, items, fixed, _shared(alike) if times > 1 else 0)


def _shared(texts: Sequence[str]) -> int:
    """Return how many characters all texts begin with in common."""
    for i, letters in enumerate(zip(*texts, strict=False)):
        if len(set(letters)) > 1:
            return i
    return min(map(len, texts))


def _trace(corpus: Corpus, rows: list[Row]) -> None:
    if "in_tokens" not in rows[0]:
        return
    for key, kept in (("session", corpus.sessions), ("client", corpus.clients)):
        grouped: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if key in row:
                grouped[row[key]].append(row)
        for found in grouped.values():
            if len(found) > 1:
                found.sort(key=lambda row: float(row["t"]))
                gaps = [float(b["t"]) - float(a["t"]) for a, b in pairwise(found)]
                sizes = [(int(row["in_tokens"]), int(row["out_tokens"])) for row in found]
                kept.append(Session(gaps[:400], sizes[:400]))


_READERS: dict[tuple[str, str], Callable[[Corpus, list[Row]], None]] = {
    ("benign", "turns"): _conversations,
    ("benign", "prompt"): _prompts,
    ("distill", "prompt"): _pool,
    ("trace", "t"): _trace,
}
"""What is read, by role and by the field that tells a row's kind."""
