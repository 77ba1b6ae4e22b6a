"""LiteLLM's proxy as it is."""

from litellm.proxy.proxy_server import app

__all__ = ["app"]
