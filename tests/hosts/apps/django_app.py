"""Django, which knows no lifespan, wrapped by the gate."""

import json
from collections.abc import AsyncIterator

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import path

from distillgate import Gate

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="tests", ALLOWED_HOSTS=["*"])
django.setup()


async def _events() -> AsyncIterator[str]:
    for word in ("one", "two"):
        yield f'data: {{"choices": [{{"delta": {{"content": "{word}"}}}}]}}\n\n'
    yield "data: [DONE]\n\n"


async def chat(request: HttpRequest) -> HttpResponseBase:
    if json.loads(request.body).get("stream"):
        return StreamingHttpResponse(_events(), content_type="text/event-stream")
    return JsonResponse({"choices": [{"message": {"role": "assistant", "content": "one two"}}]})


urlpatterns = [path("v1/chat/completions", chat)]
app = Gate(get_asgi_application())
