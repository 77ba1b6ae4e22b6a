"""Worlds: an honest population, alone or with a campaign in it; built, replayed, scored."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.detection.log import Writer, merge
from benchmarks.detection.null import NULLS, permute
from benchmarks.detection.score import Score, score
from distillgate.scenarios import campaigns, corpus, generated, honest
from distillgate.scenarios.infrastructure import INFRASTRUCTURES
from distillgate.scenarios.scene import Scene
from distillgate.scenarios.text import Corpus
from distillgate.scenarios.words import Vocabulary

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
    """What all worlds of a run share: the texts, the scale, a directory, the gate's command."""

    corpus: Corpus
    vocabulary: Vocabulary
    scale: float
    directory: Path
    config: Path | None = None
    keep: bool = False

    @classmethod
    def prepare(cls, texts: Path | None, half: str, scale: float, directory: Path) -> "Ground":
        """Read the texts of a directory, or write some."""
        found = corpus.load(texts, half) if texts is not None else generated.corpus()
        return cls(found, Vocabulary(found.texts()), scale, directory)

    def honest(self, seed: int) -> Path:
        """Write the honest population of a seed, once a directory."""
        what = f"{self.corpus.origin} {self.scale}"
        tag = hashlib.blake2b(what.encode(), digest_size=4).hexdigest()
        path = self.directory / f"honest-{seed}-{tag}.jsonl.gz"
        if not path.exists():
            made = path.with_name(f"{os.getpid()}-{path.name}")
            writer = Writer(made)
            scene = Scene(
                self.corpus, self.vocabulary, f"{seed}/honest", writer.add, campaign=False
            )
            honest.populate(scene, self.scale)
            writer.close()
            _labels(path).write_bytes(orjson.dumps(scene.labels))
            made.rename(path)
        return path

    def play(self, world: World) -> Score:
        """Write a world's log, have the gate judge it, and score what it said."""
        stem = f"{world.seed}-{world.name}".replace(" ", "_").replace("/", "-")
        log = self.directory / f"{stem}.jsonl.gz"
        decisions = self.directory / f"{stem}-decisions.jsonl.gz"
        labels = self._write(world, log)
        replay(log, decisions, self.config)
        found = score(decisions, labels)
        if not self.keep:
            log.unlink()
            decisions.unlink()
        return found

    def _write(self, world: World, log: Path) -> dict[str, str]:
        """Write a world's log; give every account's label."""
        people = self.honest(world.seed)
        labels: dict[str, str] = orjson.loads(_labels(people).read_bytes())
        if world.infrastructure:
            part = log.with_suffix(".campaign.gz")
            labels |= self._campaign(world, part)
            merge([people, part], log)
            part.unlink()
        elif world.kind in NULLS:
            permute(people, labels, world.kind, log, world.seed)
        else:
            merge([people], log)
        if self.keep:
            _labels(log).write_bytes(orjson.dumps(labels))
        return labels

    def _campaign(self, world: World, path: Path) -> dict[str, str]:
        writer = Writer(path)
        seed = f"{world.seed}/{world.name}"
        scene = Scene(self.corpus, self.vocabulary, seed, writer.add, campaign=True)
        campaigns.attack(scene, world.kind, world.infrastructure)
        writer.close()
        return scene.labels


def _labels(log: Path) -> Path:
    return log.with_name(log.name + ".labels")


def replay(log: Path, decisions: Path, config: Path | None) -> None:
    """Have the product's own command judge a log."""
    command = [
        sys.executable,
        "-m",
        "distillgate",
        "replay",
        str(log),
        "--out",
        str(decisions),
        "--json",
    ]
    if config is not None:
        command += ["--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"distillgate replay failed: {done.stderr.strip()[-2000:]}")
