"""The settings of the ASGI surface, composed."""

from typing import Literal

from distillgate.asgi.address import AddressSettings
from distillgate.asgi.body import BodySettings
from distillgate.asgi.cors import CorsSettings
from distillgate.asgi.identity import IdentitySettings
from distillgate.settings import Settings


class AsgiSettings(Settings):
    """How requests are read and whose they are."""

    unread: Literal["pass", "refuse"] = "pass"
    """What becomes of calls that cannot be read, or can be read in more than one way: passed on
    (the latter are judged by all readings together), or answered with 400. With `refuse`, JSON
    and forms on paths that are not known are refused too where they ask a model something, and so
    are WebSockets to the paths of calls, `/realtime` and `/live`."""
    unread_allowed: tuple[str, ...] = (
        "/moderations",
        "/audio/speech",
        "/audio/transcriptions",
        "/audio/translations",
        "/images/generations",
        "/images/edits",
        "/videos",
        "/tokenize",
        "/detokenize",
    )
    """Ends of paths that `unread: refuse` lets pass though they are not read."""
    address: AddressSettings = AddressSettings()
    """Which proxies are believed."""
    cors: CorsSettings = CorsSettings()
    """Which browsers' pages may read the gate's own answers."""
    body: BodySettings = BodySettings()
    """How much of a request is read."""
    identity: IdentitySettings = IdentitySettings()
    """Where an account's name comes from."""
