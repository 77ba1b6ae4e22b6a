"""A report as a MISP event: the same hashes, in MISP's objects, for those who share by MISP."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from distillgate.intel.stix import EXTENSION, TECHNIQUES, Object

_NAMESPACE = UUID("7d9c2f60-6a2e-4b53-9d0c-1f4f0c7b8e21")
_GALAXY = "misp-galaxy:mitre-atlas-attack-pattern"
_CLUSTERS = {"AML.T0024.002": "Extract ML Model", "AML.T0021": "Establish Accounts (ATLAS)"}
"""Techniques that MISP's galaxy of MITRE ATLAS calls otherwise than ATLAS does now."""
_THIS_ORGANISATION, _HIGH, _COMPLETE = "0", "1", "2"
"""Distribution, threat level and analysis, as MISP numbers them: whoever receives an event decides
how far it goes."""
_TEMPLATES = {
    "stix2-pattern": ("0c5bd072-7c3e-4d45-86f7-a8104d9143b9", "4", "misc"),
    "user-account": ("49606b06-22f0-4ac8-8eee-2f12ad46f3d3", "6", "misc"),
}
"""MISP's object templates: identifier, version and category."""


def event(bundle: Mapping[str, Any]) -> Object:
    """Return a bundle that `report` wrote as one MISP event."""
    objects: list[Object] = bundle["objects"]
    sender = next(one for one in objects if one["type"] == "identity")
    level = next(one for one in objects if one["type"] == "marking-definition")
    campaigns = [one for one in objects if one["type"] == "campaign"]
    newest = max(one["last_seen"] for one in campaigns)
    return {"Event": {
        "uuid": str(uuid5(_NAMESPACE, sender["id"] + newest)),
        "info": "Distillation campaigns: " + ", ".join(one["name"] for one in campaigns),
        "date": newest[:10],
        "threat_level_id": _HIGH,
        "analysis": _COMPLETE,
        "distribution": _THIS_ORGANISATION,
        "published": False,
        "Orgc": {"name": sender["name"], "uuid": _id(sender)},
        "Tag": [{"name": name} for name in _tags(level["name"])],
        "Attribute": list(_attributes(objects)),
        "Object": list(_objects(objects)),
    }}  # fmt: skip


def _tags(level: str) -> Iterator[str]:
    yield level.lower()
    for code, name in TECHNIQUES:
        yield f'{_GALAXY}="{_CLUSTERS.get(code, name)}"'


def _attributes(objects: Iterable[Object]) -> Iterator[Object]:
    for one in objects:
        if one["type"] == "campaign":
            told = one["extensions"][EXTENSION]
            figures = ", ".join(f"{name}: {_text(told[name])}" for name in _FIGURES if name in told)
            seen = {"first_seen": one["first_seen"], "last_seen": one["last_seen"]}
            yield _attribute(one, "campaign-name", "Attribution", one["name"], figures, **seen)
        elif one["type"] == "infrastructure":
            told = one["extensions"][EXTENSION]
            for network in told["networks"]:
                comment = f"a network, hashed under the community's key {told['key']}"
                yield _attribute(one, "other", "Network activity", network, comment)


_FIGURES = ("accounts", "exchanges", "shared", "models", "operations", "evidence", "false_alarms")


def _objects(objects: Iterable[Object]) -> Iterator[Object]:
    for one in objects:
        if one["type"] == "indicator":
            told = one["extensions"][EXTENSION]
            comment = (
                f"half of these lines in a request, hashed by {told['normaliser']} under the "
                f"community's key {told['key']}; valid until {one['valid_until']}"
            )
            yield _object(one, "stix2-pattern", [
                _related(one, "stix2-pattern", "stix2-pattern", one["pattern"], comment),
                _related(one, "version", "text", "stix 2.1", ""),
            ], first_seen=one["valid_from"], last_seen=one["valid_until"])  # fmt: skip
        elif one["type"] == "user-account":
            hashed = "an account, hashed under the community's key"
            yield _object(one, "user-account", [
                _related(one, "user-id", "text", one["user_id"], hashed)
            ])  # fmt: skip


def _object(of: Object, name: str, attributes: list[Object], **more: Any) -> Object:
    template, version, category = _TEMPLATES[name]
    return {
        "uuid": _id(of), "name": name, "meta-category": category,
        "template_uuid": template, "template_version": version,
        "distribution": _INHERITED, "Attribute": attributes, **more,
    }  # fmt: skip


_INHERITED = "5"
"""Distribution as the event's."""


def _related(of: Object, relation: str, kind: str, value: str, comment: str) -> Object:
    made = _attribute(of, kind, "Other", value, comment)
    return {**made, "object_relation": relation, "uuid": str(uuid5(UUID(_id(of)), relation))}


def _attribute(
    of: Object, kind: str, category: str, value: str, comment: str, **more: Any
) -> Object:
    # Nothing here is for a sensor: only who has the community's key can compare.
    return {
        "uuid": str(uuid5(UUID(_id(of)), value)), "type": kind, "category": category,
        "value": value, "comment": comment, "to_ids": False,
        "distribution": _INHERITED, "disable_correlation": False, **more,
    }  # fmt: skip


def _id(made: Object) -> str:
    return str(made["id"]).partition("--")[2]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {figure}" for name, figure in value.items()) or "none"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    return str(value)
