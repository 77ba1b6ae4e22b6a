"""Where a worker finds what it shares."""

from pathlib import Path

from distillgate.proxy.place import COMPLETE, Place


def test_all_are_ready_once_it_was_said_so(tmp_path: Path) -> None:
    place = Place(0, tmp_path, b"key", 1.0, 5)
    assert not place.complete
    (tmp_path / COMPLETE).touch()
    assert place.complete
    assert place.log.parent == tmp_path
