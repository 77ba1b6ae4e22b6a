"""Every setting there is: each stage's own, composed."""

from typing import Any, Literal

from pydantic import Field, SecretStr

from distillgate.admin.settings import AdminSettings
from distillgate.asgi.settings import AsgiSettings
from distillgate.cells.settings import CellSettings
from distillgate.engine.settings import EngineSettings
from distillgate.envoy.settings import EnvoySettings
from distillgate.governance.governance import GovernanceSettings
from distillgate.intel.settings import IntelligenceSettings
from distillgate.log.settings import LogSettings
from distillgate.proxy.settings import ProxySettings
from distillgate.telemetry import TelemetrySettings
from distillgate.tokenizer import TokenizerSettings
from distillgate.traffic.settings import RecordSettings

SCHEMA_ID = "urn:distillgate:config"
"""The JSON Schema's name. A name, not an address: nothing is ever fetched."""


class Config(EngineSettings):
    """The whole configuration. A setting's path is the path of the module that reads it."""

    mode: Literal["shadow", "enforce"] = "shadow"
    """`shadow` judges, logs and counts but changes nothing; `enforce` also acts."""

    fail: Literal["open", "closed"] = "open"
    """What an error inside the gate does to an exchange: `open` forwards, `closed` refuses it."""

    key: SecretStr | None = None
    """The secret of every hash the gate keeps, best as `${DISTILLGATE_KEY}`; null draws a new one
    at each start, so that nothing kept can be joined across restarts or processes."""

    reload_interval: float = Field(default=1.0, ge=0)
    """Seconds between looks at this file for changes; 0 reloads on SIGHUP only."""

    proxy: ProxySettings = ProxySettings()
    """The sidecar: how `distillgate serve` listens, and how it reaches the upstream."""

    asgi: AsgiSettings = AsgiSettings()
    """How requests are read and whose they are."""

    admin: AdminSettings = AdminSettings()
    """The operator's pages: explain, pardon, metrics."""

    envoy: EnvoySettings = EnvoySettings()
    """The external processor that Envoy asks, where it keeps the way."""

    governance: GovernanceSettings = GovernanceSettings()
    """Who is told what was done, and why: the audit log, the webhook."""

    intelligence: IntelligenceSettings = IntelligenceSettings()
    """With whom one shares what is known of campaigns."""

    tokenizer: TokenizerSettings = TokenizerSettings()
    """How prompt tokens are counted."""

    telemetry: TelemetrySettings = TelemetrySettings()
    """What the gate tells of itself: log and metrics, never a prompt or a key."""

    log: LogSettings = LogSettings()
    """The log that what is remembered comes from, so that it outlives a restart, and several
    processes or machines are one evidence."""

    cells: CellSettings = CellSettings()
    """Evidence between cells: what each knows of groups, told to the others."""

    record: RecordSettings = RecordSettings()
    """The traffic log writer. Off by default: it is the only place that keeps prompts."""


def json_schema() -> dict[str, Any]:
    """Describe the file as JSON Schema (draft 2020-12), for editors."""
    found = _referable(Config.model_json_schema())
    found["$defs"]["Reference"] = {
        "description": "What stands in the environment under this name, or what stands after `:-`.",
        "type": "string",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **found,
        "title": "distillgate configuration",
    }


def _referable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in which a reference to the environment may stand for every plain value."""
    found = dict(schema)
    for name in _NAMED & found.keys():
        found[name] = {key: _referable(one) for key, one in found[name].items()}
    for name in _LISTED & found.keys():
        found[name] = [_referable(one) for one in found[name]]
    for name in _NESTED & found.keys():
        if isinstance(found[name], dict):
            found[name] = _referable(found[name])
    if found.get("type") not in _PLAIN and "enum" not in found:
        return found
    told = {name: found.pop(name) for name in _TOLD & found.keys()}
    return {"anyOf": [found, {"$ref": "#/$defs/Reference"}], **told}


_NAMED = frozenset({"properties", "patternProperties", "$defs"})
_LISTED = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_NESTED = frozenset({"items", "additionalProperties"})
_PLAIN = ("integer", "number", "boolean", "string")
_TOLD = frozenset({"title", "description", "default"})
