import gc

from distillgate.cli.collector import few_collections, freeze


def test_collections_are_rare_inside_and_as_before_after() -> None:
    before = gc.get_threshold()

    with few_collections():
        inside = gc.get_threshold()
        frozen = gc.get_freeze_count()

    assert inside > before
    assert frozen > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_what_is_loaded_later_can_be_frozen_too() -> None:
    with few_collections():
        frozen = gc.get_freeze_count()
        kept: list[list[int]] = [[] for _ in range(1000)]
        freeze()

        assert gc.get_freeze_count() >= frozen + len(kept)
