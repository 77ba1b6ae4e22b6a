from pathlib import Path

import pytest

from distillgate.errors import StoreError
from distillgate.intel.community import create, load, moment, save


def test_a_file_of_keys_is_its_owners_alone_and_is_read_as_it_was_written(tmp_path: Path) -> None:
    made, path = create("labs", 1.0), tmp_path / "labs.json"
    save(made, path, new=True)

    assert path.stat().st_mode & 0o777 == 0o600
    assert load(path) == made
    with pytest.raises(StoreError, match="is there already"):
        save(made, path, new=True)

    path.chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        load(path)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"name": "labs", "keys": []}', '{"name": "x", "keys": [{"id": "k"}]}',
     '{"name": "x", "keys": [{"id": "k", "secret": "zz", "created": 1.0}]}',
     '{"name": "x", "keys": [{"id": "k", "secret": "00", "created": 1.0}]}'],
)  # fmt: skip
def test_what_is_no_file_of_keys_is_a_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labs.json"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(StoreError, match=r"labs\.json: "):
        load(path)


def test_after_a_rotation_the_key_before_is_accepted_for_the_overlap() -> None:
    made = create("labs", 0.0)
    first = made.newest
    second = made.rotate(100.0, overlap=50.0)

    assert made.newest is second
    assert [key.id for key in made.accepted(149.0)] == [second.id, first.id]
    assert [key.id for key in made.accepted(150.0)] == [second.id]
    assert first.digest("account", b"a") != second.digest("account", b"a")


def test_a_revoked_key_is_accepted_no_longer_and_the_others_stay() -> None:
    made = create("labs", 0.0)
    first = made.newest
    made.rotate(1.0, overlap=100.0)
    made.revoke(first.id, 2.0)

    assert [key.id for key in made.accepted(2.0)] == [made.newest.id]
    with pytest.raises(StoreError, match="has no key k-nobody"):
        made.revoke("k-nobody", 2.0)
    made.revoke(made.newest.id, 3.0)
    with pytest.raises(StoreError, match="every key was revoked"):
        assert made.newest


def test_one_content_has_another_hash_for_each_use_and_community() -> None:
    one, other = create("a", 0.0).newest, create("b", 0.0).newest

    hashes = {key.digest(use, b"x") for key in (one, other) for use in ("account", "segment")}

    assert len(hashes) == 4
    assert one.seed != other.seed


def test_a_time_is_written_as_stix_writes_it() -> None:
    assert moment(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"
