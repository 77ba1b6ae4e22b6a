from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.overlap import overlap
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex, TemplateSettings


def filled(**principals: range) -> tuple[GroupTable, dict[str, Group]]:
    """A table of groups by name; a name that begins with "shape" is no template."""
    table = GroupTable(100, SketchTable(1000), TemplateIndex(TemplateSettings(sightings=64)))
    groups = {}
    for key, (name, members) in enumerate(principals.items(), start=1000):
        kind = Kind.SHAPE if name.startswith("shape") else Kind.TURN
        group = groups[name] = Group.new(Key(kind, key), 0.0, sample=8, due=48)
        table.put(group)
        for row, principal in enumerate(members):
            table.join(group, principal, row)
    return table, groups


def test_templates_of_about_the_same_units_are_siblings() -> None:
    table, groups = filled(one=range(1, 21), same=range(1, 20), few=range(1, 8))

    assert overlap(groups["one"], table) == [groups["same"]]
    assert overlap(groups["same"], table) == [groups["one"]]


def test_a_template_that_many_others_send_too_is_no_sibling() -> None:
    table, groups = filled(one=range(1, 11), everybodys=range(1, 60))

    assert overlap(groups["one"], table) == []


def test_what_is_no_template_has_no_siblings_and_is_none() -> None:
    table, groups = filled(one=range(1, 11), shape=range(1, 11))

    assert overlap(groups["one"], table) == []
    assert overlap(groups["shape"], table) == []
