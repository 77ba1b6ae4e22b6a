"""A key for one person: shown once, its hash for the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from distillgate.admin.proof import OWN, hashed
from distillgate.config.load import load


def test_a_key_is_drawn_and_its_hash_fits_the_configuration(run: Run, tmp_path: Path) -> None:
    ended = run("key", "anna: b", "--role", "lead")
    key = ended.out.strip()
    path = tmp_path / "config.yaml"
    path.write_text("admin:" + ended.err.partition("admin:")[2])

    [(name, person)] = load(path).admin.people.items()

    assert key.startswith(OWN)
    assert (name, person.role, person.key) == ("anna: b", "lead", hashed(key))
    assert run("key", "anna").out.strip() != key
    assert key not in path.read_text()


def test_a_role_that_is_none_names_the_nearest(run: Run) -> None:
    ended = run("key", "anna", "--role", "analist")
    assert ended.code == 2
    assert "analyst" in ended.err


@pytest.mark.parametrize("people", ['{"": {role: lead}}', "{a: {role: boss}}",
                                    "{a: {role: lead, key: secret}}"])  # fmt: skip
def test_a_person_without_name_role_or_hash_is_a_mistake(
    run: Run, tmp_path: Path, people: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"admin:\n  people: {people}\n")
    ended = run("check", "--config", path)
    assert ended.code == 2
    assert "config.yaml:2" in ended.err
