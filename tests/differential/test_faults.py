"""The property finds the faults that it is there for: each is put back into a copy of the gate.

Slow, so `make differential` runs it and `make test` does not.
"""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.differential.search import search
from tests.differential.servers import ROOT, pair

pytestmark = pytest.mark.skipif(
    "DIFFERENTIAL_EXAMPLES" not in os.environ, reason="run by `make differential`"
)

EXAMPLES = 400


class Fault(NamedTuple):
    """A fault that was: what to change in which file, and the kind of request that shows it."""

    file: str
    changes: tuple[tuple[str, str], ...]
    stratum: tuple[str, str]


_LENGTH_READ = "        self.complete = head.length == 0\n"
_TRAILERS_READ = "read_fields(split_lines(bytes(buffer[: end + 2])), self._limits)"
_FOLDED = 'name.lower().replace("\\N{LATIN SMALL LETTER LONG S}", "s")'

FAULTS = {
    "a body ends where an upgrade is proposed": Fault(
        "proxy/head.py",
        (
            (
                'head.websocket = _opens_websocket(head, said.get(b"upgrade", []))',
                "head.length = 0",
            ),
        ),
        ("framing", "upgrade"),
    ),
    "trailers are headers": Fault(
        "proxy/parser.py",
        (
            (_LENGTH_READ, f"{_LENGTH_READ}        self._fields = head.headers\n"),
            (_TRAILERS_READ, f"self._fields.extend({_TRAILERS_READ})"),
        ),
        ("framing", "trailers"),
    ),
    "what can be decoded is not tried as it stands": Fault(
        "wire/codings.py",
        (("        yield data\n", "        if not depth:\n            yield data\n"),),
        ("coding", "bait"),
    ),
    "letters of keys matter": Fault(
        "wire/names.py", ((f"return {_FOLDED}", "return name"),), ("dialect", "case")
    ),
    "dot segments are matched as they stand": Fault(
        "dialects/registry.py",
        (("    path = normal_path(path).rstrip", "    path = path.rstrip"),),
        ("target", "dots"),
    ),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_is_put_back_is_found(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    source = tmp_path / "middleware"
    shutil.copytree(ROOT / "middleware", source)
    file = source / "distillgate" / fault.file
    text = file.read_text()
    for now, then in fault.changes:
        assert text.count(now) == 1, f"{fault.file} has changed: say anew how the fault is put back"
        text = text.replace(now, then)
    file.write_text(text)

    with pair("lenient", tmp_path, source) as served:
        found = list(search(served, EXAMPLES))

    assert fault.stratum in {one.stratum for one in found}, found
