"""What `import` and `replay --format` share: another program's log, read and counted."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from distillgate.cli.terminal import complain, progress
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.text import nearest
from distillgate.traffic.formats.registry import FORMATS
from distillgate.traffic.imports import FIELDS, Imports, Source

_STEP = 256
"""Records between two updates of the bar."""

AccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="The account of exchanges that name none."),
]
FieldOption = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="NAME=PATH",
        help=f"Take a thing from a field of the log's records. Names: {', '.join(FIELDS)}; the "
        "path's keys are joined by dots.",
    ),
]


def source_of(
    name: str,
    files: Sequence[str],
    config: Config,
    account: str | None,
    fields: Sequence[str] | None,
) -> Source:
    """Return where to read what from. Raises `ConfigError` for names that are none."""
    form = FORMATS.get(name)
    if form is None:
        known = ", ".join(FORMATS)
        raise ConfigError(f"{name}: no such format{nearest(name, FORMATS)}; there are {known}")
    taken: dict[str, str] = {}
    for one in fields or ():
        field, _, path = one.partition("=")
        if field not in FIELDS or not path:
            raise ConfigError(f"--field {one}: give NAME=PATH, with a name of {', '.join(FIELDS)}")
        taken[field] = path
    return Source(form, tuple(files), account, taken, _hashing(config, asked="payment" in taken))


def _hashing(config: Config, *, asked: bool) -> Callable[[str], str]:
    """Return what hashes payment instruments, which no log may hold."""
    if config.key is None:
        if asked:
            raise ConfigError("--field payment: what hashes it is `key`, in the configuration")
        return str
    key = hashlib.blake2b(config.key.get_secret_value().encode(), person=b"dg-import").digest()
    return lambda text: hashlib.blake2b(text.encode(), digest_size=10, key=key).hexdigest()


def imported(source: Source, warn: Callable[[str], None], near: Path | None = None) -> Imports:
    """Read another program's log whole; what does not fit in memory lies in `near` meanwhile.

    Raises `OSError` as it comes.
    """
    imports = Imports(source, near, warn=warn)
    with progress(f"reading {source.format.name}", imports.size) as advance:
        for number, _ in enumerate(imports.read()):
            if advance is not None and number % _STEP == 0:
                advance(imports.position)
    return imports


class Foreign:
    """Opens another program's log for a replay, and keeps what was counted."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._imports: Imports | None = None

    @contextmanager
    def __call__(self, warn: Callable[[str], None]) -> Iterator[Imports]:
        """Read the log, and open what was read."""
        self._imports = imported(self._source, warn)
        yield self._imports

    def summary(self) -> dict[str, Any]:
        """Return what the import came to."""
        assert self._imports is not None
        return self._imports.counts.summary()


def tell(numbers: dict[str, Any]) -> None:
    """Print on standard error what was left out, and what the log does not tell."""
    for name, what in _LEFT_OUT.items():
        if count := numbers[name]:
            complain(f"left out: {count:,} {what}")
    exchanges = numbers["exchanges"]
    if not exchanges:
        return
    for missing in numbers["not_known"]:
        share = f" in {1 - missing['known'] / exchanges:.0%}" if missing["known"] else ""
        complain(f"not known{share}: {missing['what']}: {missing['costs']}")


_LEFT_OUT = {
    "malformed": "records that cannot be read",
    "without_account": "calls without an account: name the field (--field account=PATH), or the "
    "account (--account NAME)",
    "untouched": "calls that the gate does not read",
    "other_records": "records that tell of no call",
}
