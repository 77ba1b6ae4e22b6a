"""Keys of LiteLLM: every one is good, and a user of its own."""

from litellm.proxy._types import UserAPIKeyAuth
from starlette.requests import Request


async def authorise(request: Request, api_key: str) -> UserAPIKeyAuth:
    """Return whose key it is."""
    return UserAPIKeyAuth(api_key=api_key, user_id=f"user-{api_key}")
