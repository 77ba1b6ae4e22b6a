"""The scatter's points are this deployment's own groups, the campaign's among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distillgate.admin.console.likeness import scatter
from distillgate.admin.console.source import Source
from distillgate.campaign.jobs import complete
from distillgate.oversight.roll import Roll
from distillgate.telemetry.history import History

if TYPE_CHECKING:
    from tests.conftest import Worked


def test_every_compared_group_is_a_point_and_campaigns_come_first(worked: Worked) -> None:
    engine = worked.engine
    compared = [
        group
        for group in engine.state.groups
        if group.evidence is not None and group.evidence.topic and group.evidence.style
    ]
    linked = [group for group in compared if engine.state.actor(group.key) is not None]
    source = Source(engine, History(lambda: 0.0), 0.0, "shadow", Roll(engine))

    found = complete(scatter(source, linked[0]))

    assert {point["code"] for point in found["points"]} == {group.code for group in compared}
    assert [point["linked"] for point in found["points"]] == sorted(
        (point["linked"] for point in found["points"]), reverse=True
    )
    assert (found["this"], found["compared"]) == (linked[0].code, len(compared))
    assert found["linked"] == len(linked) > 0
    assert all(low < high for low, high in found["honest"].values())
