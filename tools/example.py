"""`config.example.yaml`, written from the code: the keys that people set, with their defaults."""  # noqa: INP001  # a script, not a package

import json
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic.fields import FieldInfo

from distillgate.config.document import resolve
from distillgate.config.nearest import item_settings
from distillgate.config.schema import Config
from distillgate.settings import Settings

SCHEMA_FILE = "distillgate.schema.json"
"""What the example's first line calls the schema, beside the file itself."""

SHOWN: tuple[str, ...] = (
    "mode",
    "fail",
    "key",
    "proxy.upstream",
    "proxy.host",
    "proxy.port",
    "proxy.certificate",
    "proxy.workers",
    "proxy.max_connections",
    "asgi.address.trusted",
    "asgi.address.header",
    "asgi.body.max_bytes",
    "asgi.body.oversize",
    "asgi.identity.order",
    "asgi.identity.header",
    "asgi.identity.key_headers",
    "asgi.identity.attributes.plan",
    "asgi.identity.attributes.organisation",
    "asgi.identity.attributes.end_user",
    "admin.key",
    "log.path",
    "log.url",
    "governance.audit.path",
    "governance.webhook.url",
    "telemetry.log.destination",
    "record.path",
    "account.max_accounts",
    "signals.off",
    "risk.calibration",
    "policy.plans.default.requests_per_minute",
    "policy.plans.default.tokens_per_minute",
    "policy.plans.default.distinct_per_month",
    "policy.plans.named",
    "policy.ladder.throttle",
    "policy.ladder.degrade",
    "policy.ladder.refuse",
    "policy.enforcement.rollout",
    "policy.exemptions",
    "actions.bands",
    "actions.contact",
)
"""The keys that people set, and the example shows; all are in `docs/reference/settings.md`."""

_WIDTH = 100
_HEAD = f"""\
# yaml-language-server: $schema=./{SCHEMA_FILE}
#
# What people set, with its default; a file needs only the keys it changes. Every key there is, is
# in docs/reference/settings.md; editors check them beside `distillgate schema > {SCHEMA_FILE}`.
# `${{NAME}}` and `${{NAME:-default}}` in a value are taken from the environment.
"""


def render(settings: Settings | None = None, shown: Sequence[str] | None = None) -> str:
    """Write every key of `settings` that is `shown`, or all; without them, the example."""
    if settings is None:
        settings, shown = Config(), SHOWN
    return _HEAD + "\n".join(_section(settings, "", shown, top=True)) + "\n"


def _section(
    settings: Settings, indent: str, shown: Sequence[str] | None, *, top: bool = False
) -> Iterator[str]:
    fields, texts = _fields(settings, shown), type(settings).descriptions()
    if top:
        # What is set most comes first: the few keys that are no section.
        fields.sort(key=lambda item: isinstance(getattr(settings, item[0]), Settings))
    for name, field in fields:
        value = getattr(settings, name)
        if top:
            yield ""
        yield from _comment(texts.get(name, ""), indent)
        yield from _entry(name, value, indent, _below(name, shown))
        item = item_settings(field.annotation)
        if item is not None and isinstance(value, Collection) and not value:
            yield from _sample(item, isinstance(value, Mapping), indent)


def _fields(settings: Settings, shown: Sequence[str] | None) -> list[tuple[str, FieldInfo]]:
    fields = type(settings).model_fields
    heads = fields if shown is None else dict.fromkeys(path.partition(".")[0] for path in shown)
    return [(name, fields[name]) for name in heads]


def _below(name: str, shown: Sequence[str] | None) -> Sequence[str] | None:
    """Return what is shown of a section; None is all of it, as where it is named itself."""
    if shown is None or name in shown:
        return None
    return [path.partition(".")[2] for path in shown if path.startswith(f"{name}.")]


def _comment(text: str, indent: str) -> list[str]:
    paragraph = " ".join(text.split("\n\n", 1)[0].split())
    return textwrap.wrap(
        paragraph,
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _entry(name: str, value: Any, indent: str, shown: Sequence[str] | None = None) -> Iterator[str]:
    below = indent + "  "
    if isinstance(value, Settings):
        empty = not type(value).model_fields
        yield f"{indent}{name}: {{}}" if empty else f"{indent}{name}:"
        yield from _section(value, below, shown)
    elif isinstance(value, Mapping) and value:
        yield f"{indent}{name}:"
        for key, inner in value.items():
            yield from _entry(_scalar(key), inner, below)
    elif isinstance(value, tuple | list | set | frozenset) and value:
        yield f"{indent}{name}:"
        items = sorted(value) if isinstance(value, set | frozenset) else value
        for inner in items:
            yield from _item(inner, below)
    else:
        yield f"{indent}{name}: {_scalar(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    if not isinstance(value, Settings):
        yield f"{indent}- {_scalar(value)}"
        return
    lines = list(_section(value, indent + "  ", None))
    first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    lines[first] = f"{indent}- {lines[first].lstrip()}"
    yield from lines


def _sample(item: type[Settings], is_mapping: bool, indent: str) -> Iterator[str]:
    """Show, commented out, what an entry of an empty mapping or list may hold."""
    yield f"{indent}# for example:"
    shown = item.model_construct()
    required = {name: "..." for name, field in item.model_fields.items() if field.is_required()}
    shown = shown.model_copy(update=required)
    inner = _entry("NAME", shown, "  ") if is_mapping else _item(shown, "  ")
    for line in inner:
        yield f"{indent}# {line}"


def _scalar(value: Any) -> str:
    """Write a value so that reading it gives the same value back."""
    if isinstance(value, str):
        plain = value.replace("_", "a").replace("-", "a").replace("/", "a").replace(".", "a")
        if plain.isascii() and plain.isalnum() and resolve(value) == value and value[0] not in "-.":
            return value
        return json.dumps(value.replace("${", "$${"), ensure_ascii=False)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, tuple | list | set | frozenset):
        return "[]"
    if isinstance(value, Mapping):
        return "{}"
    return json.dumps(value)
