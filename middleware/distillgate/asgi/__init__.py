"""The gate as pure ASGI: identity, body, one exchange's way through the engine."""
