from benchmarks.detection.single import PLAN, Found, kinds, play, write

from distillgate.policy.plans import PlanSettings
from distillgate_lab.scenarios import generated
from distillgate_lab.scenarios.campaigns import CAMPAIGNS


def test_one_account_gets_no_more_different_texts_than_its_plan_holds() -> None:
    texts, plan = generated.corpus(), PlanSettings(distinct_per_day=15.0, distinct_per_month=60.0)

    found = play("bare", texts, CAMPAIGNS["no shared wrapper"], plan=plan, each=300)

    assert found.exchanges > 200
    assert found.full == 60
    assert set(found.codes) == {"budget"}


def test_every_work_list_and_every_other_kind_is_played() -> None:
    names = [name for name, _, _ in kinds(generated.corpus())]

    assert len(set(names)) == len(names)
    assert {"trace cleaning", "elicitation search", "parameter extraction"} <= set(names)


def test_the_table_names_who_went_past_the_bound() -> None:
    over = int(PLAN.distinct_per_month or 0) + 1

    table = write({"good": Found(10, 5), "bad": Found(9000, over)})

    assert "over the bound: bad of 2 kinds" in table
