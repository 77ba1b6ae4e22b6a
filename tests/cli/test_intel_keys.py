"""Keys of a community."""

from pathlib import Path

from tests.cli.conftest import Run


def test_keys_are_drawn_rotated_listed_and_revoked(run: Run, tmp_path: Path) -> None:
    keys = tmp_path / "labs.json"
    created = run("intel", "key", "create", keys, "--name", "labs")
    assert created.code == 0
    first = created.out.partition("key ")[2].partition(";")[0]
    assert first.startswith("k-")
    assert run("intel", "key", "create", keys, "--name", "labs").code == 2

    assert run("intel", "key", "rotate", keys, "--overlap-days", "3").code == 0
    listed = run("intel", "key", "list", keys).out.splitlines()
    assert listed[0].startswith(f"{first}  ")
    assert "accepted until" in listed[0]
    assert "the newest" in listed[1]

    assert run("intel", "key", "revoke", keys, first).code == 0
    assert "no longer accepted since" in run("intel", "key", "list", keys).out
    wrong = run("intel", "key", "revoke", keys, "k-none")
    assert wrong.code == 2
    assert "has no key k-none" in wrong.err
    assert keys.stat().st_mode & 0o777 == 0o600
