"""Everything that a configuration says and cannot mean, with its line in the file."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from distillgate.config.document import Spot, dotted, parse
from distillgate.config.review import Finding, policy, surface
from distillgate.config.schema import Config
from distillgate.errors import ConfigError


def review(config: Config, now: float) -> list[Finding]:
    """Return all findings, those with which it must not be used first."""
    found = [*policy.review(config, now), *surface.review(config)]
    return sorted(found, key=lambda one: not one.fatal)


def examined(
    config: Config,
    path: Path | None,
    *,
    now: float,
    counts: Callable[[str], bool] = lambda _: True,
) -> list[str]:
    """Return what a configuration that is to be used can hardly mean; `path` is its file.

    Raises `ConfigError` for what it cannot mean. What only this machine lacks is no reason not to
    serve. Findings at settings that do not count are left out.
    """
    found = [
        (text, one) for text, one in placed(review(config, now), path) if counts(dotted(one.path))
    ]
    wrong = [text for text, one in found if one.fatal and not one.local]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return [text for text, _ in found]


def placed(
    found: list[Finding], path: Path | None, environ: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Finding]]:
    """Yield findings with where they stand: the file and line, or else the defaults."""
    spots: Mapping[tuple[str | int, ...], Spot] = {}
    if path is not None:
        text = path.read_text("utf-8-sig")
        spots = parse(text, os.environ if environ is None else environ).spots
    for one in found:
        at = one.path
        while at and at not in spots:  # a setting that is not given stands where its section does
            at = at[:-1]
        line = spots[at].line if at in spots else 1
        where = f"{path}:{line}" if path is not None else "defaults"
        yield f"{where}: {dotted(one.path)}: {one.text}", one
