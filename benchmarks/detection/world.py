"""A designed population, the same for everything that is tried in it.

Tricks, calibrations and enforcement are each compared in one world; the worlds of the proving
ground itself are drawn (`benchmarks.detection.drawn`).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.detection.judge import Part
from benchmarks.detection.log import Writer
from distillgate_lab.scenarios import campaigns, corpus, generated, honest
from distillgate_lab.scenarios.clock import DAYS
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary


@dataclass(slots=True)
class Ground:
    """The texts, the scale, and a directory for the logs."""

    corpus: Corpus
    vocabulary: Vocabulary
    scale: float
    directory: Path
    days: int = DAYS

    @classmethod
    def prepare(cls, texts: Path | None, half: str, scale: float, directory: Path) -> "Ground":
        """Read the texts of a directory, or write some."""
        found = corpus.load(texts, half) if texts is not None else generated.corpus()
        return cls(found, Vocabulary(found.texts()), scale, directory)

    @property
    def name(self) -> str:
        """What tells its honest populations from another ground's."""
        return f"{self.corpus.origin} {self.scale} {self.days}"

    def scene(self, who: str, writer: Writer, *, campaign: bool) -> Scene:
        """Open a part of a world for writing."""
        write, days = writer.add, self.days
        return Scene(self.corpus, self.vocabulary, who, write, campaign=campaign, days=days)

    def honest(self, seed: int) -> Part:
        """Write the honest population of a seed, once a directory."""
        tag = hashlib.blake2b(self.name.encode(), digest_size=4).hexdigest()
        path = self.directory / f"honest-{seed}-{tag}.jsonl.gz"
        known = path.with_suffix(".labels")
        if not path.exists():
            writer = Writer(path)
            who = f"{seed}/honest"
            scene = self.scene(who, writer, campaign=False)
            honest.populate(scene, self.scale)
            writer.close()
            known.write_bytes(orjson.dumps(scene.labels))
        return Part(path, orjson.loads(known.read_bytes()))

    def campaign(self, seed: int, kind: str, infrastructure: str) -> Part:
        """Write a campaign that goes with the honest population of a seed."""
        name = f"{kind}@{infrastructure}"
        stem = f"{seed}-{name}".replace(" ", "_").replace("/", "-")
        path = self.directory / f"{stem}.jsonl.gz"
        writer = Writer(path)
        scene = self.scene(f"{seed}/{name}", writer, campaign=True)
        campaigns.attack(scene, kind, infrastructure)
        writer.close()
        return Part(path, scene.labels, writer.start)
