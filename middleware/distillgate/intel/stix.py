"""The STIX 2.1 objects of a report, as they are written: dictionaries, and ids that say nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

import orjson

from distillgate.errors import ConfigError
from distillgate.intel.community import Key, moment
from distillgate.text import nearest

Object = dict[str, Any]

EXTENSION = "extension-definition--7d9c2f60-6a2e-4b53-9d0c-1f4f0c7b8e21"
"""The extension by which a report carries what STIX has no place for: docs/intelligence.md."""
_TLP = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_CREATED = "2022-10-01T00:00:00.000Z"
_MARKINGS = {
    "clear": "94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""TLP 2.0's marking definitions, as OASIS publishes them."""
ATLAS = "2026.04"
"""The edition of MITRE ATLAS whose ids these are (format 5.6.0)."""
TECHNIQUES = (
    ("AML.T0024.002", "Extract AI Model"),
    ("AML.T0005.001", "Train Proxy via Replication"),
    ("AML.T0021", "Establish Accounts"),
)
_SCO = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""STIX's namespace of the ids of observables (STIX 2.1, 2.9)."""


def marking(level: str) -> Object:
    """Return TLP 2.0's marking of a level. Raises `ConfigError` for none of its levels."""
    if level not in _MARKINGS:
        raise ConfigError(f"no TLP 2.0 level is called {level}{nearest(level, list(_MARKINGS))}")
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{_MARKINGS[level]}",
        "created": _TLP_CREATED,
        "name": f"TLP:{level.upper()}",
        "extensions": {_TLP: {"extension_type": "property-extension", "tlp_2_0": level}},
    }


def extended(values: Mapping[str, Any]) -> Object:
    """Return values under this extension; STIX has no empty lists and dictionaries."""
    some = {name: value for name, value in values.items() if value not in ([], {})}
    return {EXTENSION: {"extension_type": "property-extension", **some}}


class Draft:
    """Makes the objects of one report: one sender, one moment, one marking."""

    def __init__(self, key: Key, sender: str, level: str, now: float) -> None:
        self.key, self._at = key, moment(now)
        self._marked = marking(level)
        self.objects: list[Object] = [self._marked]
        self.sender = self._id("identity", sender)
        self.add("identity", sender, name=sender, identity_class="organization")
        self.objects.append(self._definition())

    def add(self, kind: str, *names: str, **values: Any) -> str:
        """Add an object; `names` are by what it has the same id in the next report."""
        made = {
            "type": kind,
            "spec_version": "2.1",
            "id": self._id(kind, *names),
            "created": self._at,
            "modified": self._at,
            "created_by_ref": self.sender,
            "object_marking_refs": [self._marked["id"]],
            **values,
        }
        self.objects.append(made)
        return str(made["id"])

    def account(self, pseudonym: str) -> str:
        """Add an account under its pseudonym."""
        canonical = orjson.dumps({"user_id": pseudonym}).decode()
        name = f"user-account--{uuid5(_SCO, canonical)}"
        self.objects.append(
            {
                "type": "user-account",
                "spec_version": "2.1",
                "id": name,
                "user_id": pseudonym,
                "object_marking_refs": [self._marked["id"]],
            }
        )
        return name

    def relate(self, source: str, how: str, target: str) -> None:
        """Relate two objects."""
        self.add(
            "relationship", source, how, target,
            relationship_type=how, source_ref=source, target_ref=target,
        )  # fmt: skip

    def techniques(self, campaign: str) -> None:
        """Add what MITRE ATLAS calls it."""
        for code, name in TECHNIQUES:
            reference = {
                "source_name": "mitre-atlas",
                "external_id": code,
                "url": f"https://atlas.mitre.org/techniques/{code}",
                "description": f"MITRE ATLAS {ATLAS}",
            }
            made = self.add("attack-pattern", code, name=name, external_references=[reference])
            self.relate(campaign, "uses", made)

    def bundle(self) -> Object:
        """Return all objects, each once."""
        known = {made["id"]: made for made in self.objects}
        return {"type": "bundle", "id": f"bundle--{uuid4()}", "objects": list(known.values())}

    def _definition(self) -> Object:
        return {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": EXTENSION,
            "created": _TLP_CREATED,
            "modified": _TLP_CREATED,
            "created_by_ref": self.sender,
            "name": "distillation campaign",
            "description": "Keyed hashes of a campaign's template, its size and its evidence.",
            "schema": "https://distillgate.example/intelligence",
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        }

    def _id(self, kind: str, *names: str) -> str:
        # Keyed: who has no key of the community can enumerate neither names nor their ids.
        digest = self.key.digest("object", "\0".join((kind, *names)).encode())
        return f"{kind}--{UUID(hex=digest, version=4)}"
