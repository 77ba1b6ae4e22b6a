from typing import Any, ClassVar

import numpy as np
import pytest
from msgspec.structs import replace

from distillgate.account.windows import DAY
from distillgate.campaign.evidence import Core
from distillgate.campaign.exchangeability import Spread
from distillgate.campaign.keys import Kind
from distillgate.campaign.memory import Imprint, Memory, MemorySettings
from distillgate.fingerprint.sketch import STYLE, TOPIC
from distillgate.records import decoder, encode


class Small(MemorySettings):
    """Few groups are remembered."""

    max_imprints: ClassVar[int] = 20


SETTINGS = Small()


def imprint(key: int = 1, **changes: Any) -> Imprint:
    """A group whose texts lay round one."""
    core = Core(
        topic=np.full(TOPIC, 0.1),
        style=np.ones(STYLE),
        topic_within=1.0,
        style_within=np.full(STYLE, 0.5),
        share=0.985,
        topic_block=Spread(30.0, 0.06),
        style_block=Spread(6.0, 0.19),
    )
    segments = tuple(range(100 * key, 100 * key + 8))
    made = Imprint(key, Kind.SYSTEM, segments, True, True, core, 5.0, 700.0, 1.0, 2.0)
    return replace(made, **changes)


def sums(texts: int, stray: float, seed: int = 1) -> tuple[Any, Any]:
    """Sum texts of a hand whose own mean lies this far from the imprint's."""
    rng = np.random.default_rng(seed)
    topic = 0.1 + rng.normal(0, stray, TOPIC) + rng.normal(0, TOPIC**-0.5, (texts, TOPIC))
    style = 1.0 + rng.normal(0, 3 * stray, STYLE) + rng.normal(0, 0.5**0.5, (texts, STYLE))
    return topic.sum(axis=0), style.sum(axis=0)


def test_texts_of_the_same_work_are_alike_and_the_more_the_surer() -> None:
    weights = [imprint().likeness(n, *sums(n, 0.0)) for n in (1, 10, 40)]

    assert weights == sorted(weights)
    assert weights[0] < 1
    assert weights[-1] > 3


@pytest.mark.parametrize("texts", [10, 40, 4000])
def test_independent_peoples_texts_are_not(texts: int) -> None:
    assert imprint().likeness(texts, *sums(texts, 0.1)) < 0


def test_two_large_samples_of_one_work_may_differ_a_little() -> None:
    assert imprint().likeness(100_000, *sums(100_000, 0.01)) > 3


def test_without_texts_nothing_is_said() -> None:
    assert imprint().likeness(0, np.zeros(TOPIC), np.zeros(STYLE)) == 0.0


def test_a_text_with_half_of_a_templates_segments_has_it() -> None:
    memory = Memory(SETTINGS)
    memory.keep(imprint(1))
    memory.keep(imprint(2))
    known = imprint(1).segments

    assert memory.match([*known[:4], 7, 8, 9], 3.0) == memory.recall(1, 3.0)
    assert memory.match(known[:3], 3.0) is None
    assert memory.match([7, 8, 9], 3.0) is None
    assert Memory(SETTINGS).match(known, 3.0) is None


def test_a_group_is_remembered_for_a_while() -> None:
    memory = Memory(SETTINGS)
    memory.keep(imprint(seen_at=0.0))
    end = SETTINGS.days * DAY

    assert memory.match(imprint().segments, end) is not None
    assert memory.recall(1, end + 1) is None
    assert len(memory) == 0
    assert memory.match(imprint().segments, 0.0) is None


def test_of_too_many_the_least_linked_of_the_longest_ago_goes_and_named_ones_stay() -> None:
    memory = Memory(SETTINGS)
    memory.keep(imprint(1, link=1.0, name="autumn"))
    for key in range(2, 30):
        memory.keep(imprint(key, link=2.0 if key % 2 else 5.0))

    assert len(memory) == 20
    assert memory.named("autumn") is not None
    assert sum(one.link == 5.0 for one in memory) > sum(one.link == 2.0 for one in memory)
    assert memory.recall(29, 3.0) is not None


def test_what_is_kept_again_takes_the_place_of_what_was() -> None:
    memory = Memory(SETTINGS)
    memory.keep(imprint(1))
    memory.keep(imprint(1, segments=(5, 6, 7), link=6.0))

    (one,) = memory
    assert one.link == 6.0
    assert memory.match((5, 6, 7), 3.0) == one
    assert memory.match(imprint(1).segments, 3.0) is None


def test_of_a_shared_segment_the_latest_group_is_remembered() -> None:
    memory = Memory(SETTINGS)
    memory.keep(imprint(1, segments=(5, 6)))
    memory.keep(imprint(2, segments=(5, 6)))
    memory.forget(1)

    assert memory.match((5, 6), 3.0) == memory.recall(2, 3.0)


def test_a_name_given_by_a_person_is_remembered() -> None:
    memory = Memory(SETTINGS)
    memory.keep(imprint(1))
    memory.rename(1, "autumn")
    memory.rename(2, "winter")

    found = memory.named("autumn")
    assert found is not None
    assert found.key == 1
    assert memory.named("winter") is None


def test_an_imprint_is_read_as_it_was_written() -> None:
    before = imprint(3, name="autumn", kind=Kind.PAYMENT)

    after = decoder(Imprint)(encode(before))

    assert isinstance(after, Imprint)
    assert after.likeness(9, *sums(9, 0.0)) == before.likeness(9, *sums(9, 0.0))
    assert (after.kind, after.segments, after.name) == (Kind.PAYMENT, before.segments, "autumn")
