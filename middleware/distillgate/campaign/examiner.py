"""What an examination of a group looks at beyond the group itself."""

from dataclasses import dataclass

from distillgate.campaign.elsewhere import Elsewhere
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings, examine
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.campaign.links import Links
from distillgate.campaign.merged import counted, merged
from distillgate.campaign.overlap import overlap
from distillgate.campaign.reports import Reports
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.surroundings import Surroundings
from distillgate.campaign.table import GroupTable


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examines groups amid what is around them.

    A job that is under way holds whoever works on it, so that nothing here may lead to who holds
    the job: an engine that nobody has any more is freed at once, without the garbage collector.
    """

    settings: ExamineSettings
    table: GroupTable
    members: SketchTable
    links: Links
    elsewhere: Elsewhere
    reports: Reports

    def examine(self, group: Group, now: float) -> Job[Evidence]:
        """Examine a group."""
        met, known = self.links.of(group.key), self.table.principals
        siblings = [counted(one, self.elsewhere, now) for one in overlap(group, self.table)]
        self.reports.forget_ended(group, now)
        told, rows = self.reports.of(group, now), known.own_rows(self.members)
        around = Surroundings(siblings, met, len(known), rows, reported=told)
        seen = yield from merged(group, self.elsewhere, self.members, around, self.settings, now)
        return (yield from examine(*seen, self.settings, now))
