"""Mistakes of who tells others."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("options", "told"),
    [(("--tlp", "ambr"), "amber"), (("c-nothing",), "no campaign c-nothing")],
)
def test_a_mistake_is_named(
    run: Run, log: Path, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    keys = tmp_path / "labs.json"
    run("intel", "key", "create", keys, "--name", "labs")
    ended = run(
        "intel", "export", *options, "--from-log", log, "--community", keys,
        "--out", tmp_path / "bundle.json",
    )  # fmt: skip

    assert ended.code == 2
    assert told in " ".join(ended.err.replace("│", " ").split())
