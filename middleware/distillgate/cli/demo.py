"""`distillgate demo`: an upstream, a sidecar, honest accounts and a campaign, on this machine."""


def demo() -> None:
    """Play honest accounts and one campaign through a real sidecar, and show who is caught."""
    from distillgate.demo import main

    raise SystemExit(main())
