from distillgate.campaign.candidates import Candidates
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.memory import Memory, MemorySettings
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex, TemplateSettings
from distillgate.campaign.varying import Skeletons
from distillgate.fingerprint.segments import SegmentSettings, cut

RULES = "Grade the essay below from one to ten.\nGive two reasons for the grade."


def read(text: str) -> tuple[int, ...]:
    return cut(text, SegmentSettings(), 1).hashes


def lines(text: str) -> list[int]:
    """Give the segments of a text without its anchors."""
    return cut(text, SegmentSettings(), 1).longer(0)


class Templates:
    """Templates that groups of some size send."""

    def __init__(self) -> None:
        self.index = TemplateIndex(TemplateSettings())
        self.table = GroupTable(10, SketchTable(100), self.index)
        memory, candidates = Memory(MemorySettings()), Candidates(16, 4)
        self._skeletons = Skeletons(self.index, self.table, memory, candidates)

    def learn(self, text: str, principals: int) -> Group:
        self.index.learn(read(text), 1)
        template = self.index.learn(read(text), 2)
        assert template is not None
        group = Group.new(Key(Kind.TURN, template.key), 0.0, sample=8, due=48)
        self.table.put(group)
        for principal in range(principals):
            self.table.join(group, principal, principal)
        return group

    def skeleton(self, text: str, template: Group, system: Group | None = None) -> set[int]:
        fixed = self._skeletons.skeleton(self.index.look_up(read(text)), len(template.rows), system)
        return {value for value in read(text) if value in fixed}


def test_a_templates_segments_are_fixed_and_the_rest_varies() -> None:
    templates = Templates()
    group = templates.learn(RULES, principals=10)
    text = f"{RULES}\nThe river rose by two metres overnight."
    fixed = templates.skeleton(text, group)

    assert set(lines(RULES)) <= fixed
    assert not set(lines("The river rose by two metres overnight.")) & fixed


def test_what_only_few_of_a_system_prompts_units_send_is_an_item() -> None:
    templates = Templates()
    group = templates.learn(RULES, principals=3)
    system = Group.new(Key(Kind.SYSTEM, 5), 0.0, sample=8, due=48)
    system.rows = {principal: principal for principal in range(20)}

    assert templates.skeleton(RULES, group, system) == set()
    assert templates.skeleton(RULES, group)


def test_of_another_template_only_what_is_as_common_is_fixed_too() -> None:
    templates = Templates()
    extra, rare = "Answer in plain English, please.", "Mention the harbour master by name."
    group = templates.learn(RULES, principals=10)
    templates.learn(extra, principals=6)
    templates.learn(rare, principals=2)
    fixed = templates.skeleton(f"{RULES}\n{extra}\n{rare}", group)

    assert set(lines(extra)) <= fixed
    assert not set(lines(rare)) & fixed
