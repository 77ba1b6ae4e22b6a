"""Settings that programs write are kept in files of their own, and named in the configuration."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distillgate.config.document import Document, KeyPath, Problem, Spot, dotted, parse
from distillgate.config.nearest import nearest_path

NAMED: tuple[KeyPath, ...] = (("risk", "calibration"),)
"""Settings whose value is the name of a file that holds them."""


def include(values: Any, document: Document) -> Iterator[Problem]:
    """Put files' contents in place of their names, in `values`; give what is wrong with them."""
    for path in NAMED:
        *sections, last = path
        section = values
        for part in sections:
            section = section.get(part) if isinstance(section, dict) else None
        name = section.get(last) if isinstance(section, dict) else None
        if isinstance(name, dict):
            line = document.spots.get(path, Spot(1)).line
            yield Problem(line, dotted(path), "names the file that `distillgate calibrate` wrote")
        if not isinstance(name, str):
            continue
        assert isinstance(section, dict)
        line = document.spots.get(path, Spot(1)).line
        section[last] = {}
        try:
            found = parse(Path(name).read_text("utf-8"), {})
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            hint = "" if Path(name).exists() else nearest_path(name)
            yield Problem(line, dotted(path), f"{name}: cannot be read: {reason}{hint}")
            continue
        if found.problems or not isinstance(found.values, dict):
            yield Problem(line, dotted(path), f"{name}: not what `distillgate calibrate` writes")
            continue
        section[last] = found.values
