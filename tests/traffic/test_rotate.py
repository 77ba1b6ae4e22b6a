"""Files are renamed, never lost before their time."""

import gzip
from pathlib import Path

import pytest

from distillgate.traffic.rotate import RotatingFile


def test_the_newest_files_are_kept(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "f", max_bytes=1 << 13, keep=2)
    for letter in b"abcde":
        file.write(bytes([letter]) * (1 << 14))
    file.close()
    found = {path.name: path.read_bytes()[:1] for path in tmp_path.iterdir()}
    assert found == {"f.1": b"e", "f.2": b"d"}


def test_keeping_none_begins_anew(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "f", max_bytes=1 << 13, keep=0)
    file.write(b"a" * (1 << 14))
    file.write(b"b")
    file.close()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f", b"b")]


def test_compressed_files_keep_their_suffix(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "f.jsonl.gz", max_bytes=1, keep=1)
    for text in (b"one", b"two"):
        file.write(text)
        file.flush()
    file.write(b"three")
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.jsonl.1.gz"]
    assert gzip.decompress((tmp_path / "f.jsonl.1.gz").read_bytes()) == b"three"


@pytest.mark.parametrize("name", ["f", "f.gz"])
def test_closing_twice_and_writing_again_are_fine(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    file = RotatingFile(path, max_bytes=1 << 20, keep=1)
    file.write(b"a")
    file.close()
    file.close()
    file.flush()
    file.write(b"b")
    file.close()
    data = path.read_bytes()
    assert (gzip.decompress(data) if name.endswith(".gz") else data) == b"ab"
