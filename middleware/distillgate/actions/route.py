"""Measure: let another model answer, and let the answer say so.

The upstream puts the name of the model that answered into `model`, and nothing here changes that:
a route that the customer cannot see would sell one model under another's name.
"""

from fnmatch import fnmatchcase

from distillgate.actions.draft import Draft
from distillgate.settings import Settings

_IN_PATH = ("/deployments/", "/engines/")
"""The path names the model there, and the upstream does not look into the body."""


class RouteSettings(Settings):
    """Which model answers instead."""

    models: dict[str, str] = {}
    """From a model's name (or a shell-style pattern; the first that matches) to the one that
    answers instead. A model that is not listed answers as always. The two should take the same
    parameters; of reasoning efforts the nearest is asked for."""


def route(draft: Draft, settings: RouteSettings) -> None:
    """Name another model."""
    if not draft.measured.routed or any(part in draft.path for part in _IN_PATH):
        return
    for pattern, name in settings.models.items():
        if fnmatchcase(draft.request.model, pattern):
            if name != draft.request.model:
                draft.set("model", name, f"model {name}")
                draft.model = name
            return
