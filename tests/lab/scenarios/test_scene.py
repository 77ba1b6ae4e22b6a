"""What every class of customers writes, read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from distillgate_lab.scenarios import honest
from distillgate_lab.scenarios.clock import DAY, DAYS, START

if TYPE_CHECKING:
    from tests.lab.scenarios.conftest import Stage


@pytest.mark.parametrize("name", honest.CLASSES)
def test_every_honest_class_writes_traffic_that_tells_nothing_of_its_class(
    stage: Stage, name: str
) -> None:
    scene, records = stage()
    scene.label = name
    honest.CLASSES[name].write(scene, 3)

    assert records
    assert set(scene.labels.values()) == {name}
    assert {record["account"] for record in records} <= set(scene.labels)
    assert all(START <= record["ts"] < START + DAYS * DAY for record in records)
    assert f'"{name}"' not in orjson.dumps(records).decode()


def test_a_conversation_carries_the_answers_that_were_given(stage: Stage) -> None:
    scene, records = stage()
    honest.CLASSES["chat users"].write(scene, 30)
    given = {record["response"]["text"] for record in records}

    carried = [
        message["content"]
        for record in records
        for message in record["request"]["messages"]
        if message["role"] == "assistant"
    ]
    assert len(carried) > 20
    assert set(carried) <= given


def test_a_scene_is_the_same_every_time(stage: Stage) -> None:
    first, second = stage("7/x"), stage("7/x")
    for scene, _ in (first, second):
        honest.CLASSES["offices and universities"].write(scene, 15)

    assert first[1] == second[1]
    assert first[0].labels == second[0].labels


def test_two_hands_of_one_world_word_their_prompts_apart(stage: Stage) -> None:
    scene, _ = stage(campaign=True)
    first, second = scene.wording(["Leave nothing out."]), scene.wording(["Leave nothing out."])

    assert first == ["Leave nothing out."]
    assert second != first
