"""The host's own function that names accounts, found by the name in the configuration."""

import inspect
import sys
from importlib import import_module

from distillgate.asgi.identity import Identify
from distillgate.errors import ConfigError
from distillgate.text import nearest


def load_identify(name: str | None) -> Identify | None:
    """Import the function that `asgi.identity.identify` names; None where none is named.

    Raises `ConfigError` where there is no such function, or none that can be called on the path of
    a request.
    """
    if name is None:
        return None
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        near = nearest(attribute, dir(sys.modules.get(module)))
        text = f"asgi.identity.identify: {name} cannot be imported: {what}{near}"
        raise ConfigError(text) from error
    if not callable(found):
        raise ConfigError(f"asgi.identity.identify: {name} cannot be called")
    if inspect.iscoroutinefunction(found) or inspect.iscoroutinefunction(type(found).__call__):
        raise ConfigError(f"asgi.identity.identify: {name} is asynchronous, and must not wait")
    identify: Identify = found
    return identify
