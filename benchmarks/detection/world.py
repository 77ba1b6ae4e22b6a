"""Worlds: an honest population, alone or with a campaign in it; built, replayed, scored."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from benchmarks.detection.judge import Judge, Part
from benchmarks.detection.log import Writer
from benchmarks.detection.null import NULLS, permute
from benchmarks.detection.score import Score
from benchmarks.detection.workers import Workers
from distillgate_lab.scenarios import campaigns, corpus, generated, honest
from distillgate_lab.scenarios.clock import DAYS
from distillgate_lab.scenarios.infrastructure import INFRASTRUCTURES
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary

NONE = "no campaign"


@dataclass(frozen=True, slots=True)
class World:
    """One world: its seed, and who is in it beside the honest."""

    seed: int
    kind: str = NONE
    infrastructure: str = ""

    @property
    def name(self) -> str:
        """How the table and `--worlds` refer to it."""
        return f"{self.kind}@{self.infrastructure}" if self.infrastructure else self.kind


Played = tuple[World, Score]


def worlds(seeds: list[int], wanted: list[str]) -> list[World]:
    """List the worlds whose names contain one of the wanted words; all of them without any."""
    kinds = [*campaigns.CAMPAIGNS, campaigns.ALL]
    found = []
    for seed in seeds:
        found += [World(seed, kind) for kind in (NONE, *NULLS)]
        found += [World(seed, kind, infra) for infra in INFRASTRUCTURES for kind in kinds]
    return [w for w in found if not wanted or any(word in w.name for word in wanted)]


@dataclass(slots=True)
class Ground:
    """What all worlds of a run share: the texts, the scale, a directory, the gate's settings."""

    corpus: Corpus
    vocabulary: Vocabulary
    scale: float
    directory: Path
    days: int = DAYS
    config: Path | None = None
    keep: bool = False

    @classmethod
    def prepare(cls, texts: Path | None, half: str, scale: float, directory: Path) -> "Ground":
        """Read the texts of a directory, or write some."""
        found = corpus.load(texts, half) if texts is not None else generated.corpus()
        return cls(found, Vocabulary(found.texts()), scale, directory)

    @property
    def name(self) -> str:
        """What tells its honest populations from another ground's."""
        return f"{self.corpus.origin} {self.scale} {self.days}"

    def play(self, seed: int, chosen: Sequence[World], workers: Workers) -> Iterator[Played]:
        """Write the worlds of one seed, have the gate judge them, and give what it came to."""
        people = self.honest(seed)
        for world in chosen:
            if world.infrastructure:
                workers.run(world, partial(self.campaign, world))
        parts = list(workers.results())
        for world in chosen:
            if world.kind in NULLS:
                workers.run(world, partial(self.null, world, people))
        alone = World(seed)
        found = Judge(people, self.config).branch(parts, workers, whole=alone in chosen)
        if alone in chosen:
            yield alone, found
        yield from workers.results()
        if not self.keep:
            for _, part in parts:
                part.log.unlink()

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

    def campaign(self, world: World) -> Part:
        """Write a world's campaign."""
        writer = Writer(self._path(world))
        who = f"{world.seed}/{world.name}"
        scene = self.scene(who, writer, campaign=True)
        campaigns.attack(scene, world.kind, world.infrastructure)
        writer.close()
        return Part(self._path(world), scene.labels, writer.start)

    def null(self, world: World, people: Part) -> Score:
        """Judge the honest population with something permuted in it."""
        path = self._path(world)
        permute(people.log, people.labels, world.kind, path, seed=world.seed, days=self.days)
        found = Judge(Part(path, people.labels), self.config).play()
        if not self.keep:
            path.unlink()
        return found

    def _path(self, world: World) -> Path:
        stem = f"{world.seed}-{world.name}".replace(" ", "_").replace("/", "-")
        return self.directory / f"{stem}.jsonl.gz"
