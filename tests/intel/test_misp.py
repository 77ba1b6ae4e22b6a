"""A report for MISP is an event that MISP's own library and object templates accept."""

from pathlib import Path

import jsonschema
import orjson
import pymisp
from benchmarks.dictionary import attack, guesses
from pymisp import MISPEvent, MISPObject
from tests.cli.conftest import Run
from tests.intel.logged import report, write


def test_a_campaign_is_told_to_misp_by_its_own_templates(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "log.jsonl")
    made = report(run, tmp_path, "--format", "misp", "--tlp", "green", "--as", "our lab")

    event = MISPEvent(strict_validation=True)
    event.load(made)
    schema = Path(pymisp.__file__).parent / "data" / "schema-lax.json"
    jsonschema.validate(made, orjson.loads(schema.read_bytes()))
    for one in event.objects:
        template = MISPObject(one.name, strict=True)
        assert (one.template_uuid, one["meta-category"]) == (
            template.template_uuid,
            template["meta-category"],
        )
        for attribute in one.attributes:
            template.add_attribute(attribute.object_relation, attribute.value)
        template.to_dict(strict=True)
    assert {tag.name for tag in event.tags} > {"tlp:green"}
    [pattern] = event.get_objects_by_name("stix2-pattern")
    assert pattern.has_attributes_by_relation(["stix2-pattern", "version"])
    assert len(event.get_objects_by_name("user-account")) == 30
    assert event.orgc.name == "our lab"
    assert attack(orjson.dumps(made).decode(), guesses((tmp_path / "log.jsonl").read_bytes())) == []
