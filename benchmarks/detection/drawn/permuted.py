"""Null worlds: an honest population with something shuffled that should not matter.

Within each class or group, `identities` deals addresses, clients, cards and sign-up times out anew
among the accounts; `clocks` starts every account's traffic when another one started. Whatever fires
now fires by chance.
"""

import gzip
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from benchmarks.detection.log import Writer
from distillgate_lab.scenarios.clock import DAY, START


def permute(log: Path, labels: Mapping[str, str], kind: str, *, seed: str, days: int) -> None:
    """Write a log again, in its place, with identities or clocks permuted within each label."""
    first: dict[str, dict[str, Any]] = {}
    with gzip.open(log) as lines:
        for line in lines:
            record = orjson.loads(line)
            first.setdefault(
                record["account"], {k: record[k] for k in ("ts", "client", "attributes")}
            )
    partner = _partners(first, labels, random.Random(seed))
    writer = Writer(log.with_suffix(".permuted"))
    with gzip.open(log) as lines:
        for line in lines:
            record = orjson.loads(line)
            name = record["account"]
            other = first[partner[name]]
            if kind == "identities":
                record["client"] = other["client"]
                own = record["attributes"]["end_user"]
                record["attributes"] = {**other["attributes"], "end_user": own}
            else:
                moved = record["ts"] - first[name]["ts"] + other["ts"]
                record["ts"] = round(START + (moved - START) % (days * DAY), 3)
            writer.add(record)
    writer.close()
    log.with_suffix(".permuted").replace(log)


def _partners(
    accounts: Mapping[str, object], labels: Mapping[str, str], dice: random.Random
) -> dict[str, str]:
    classes: dict[str, list[str]] = defaultdict(list)
    for name in accounts:
        classes[labels[name]].append(name)
    found: dict[str, str] = {}
    for members in classes.values():
        shuffled = members.copy()
        dice.shuffle(shuffled)
        found.update(zip(members, shuffled, strict=True))
    return found
