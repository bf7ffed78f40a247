"""The stand-in of the Educational Agents API: an ASGI application, whose shutdown is that of the original."""
import asyncio
import hashlib
import json
import os
from pathlib import Path

from .shutdown import Shutdown

RELEASE = Path(__file__).resolve().parents[3]
VERSION = (RELEASE / "VERSION").read_text().strip()
# A version that starts, and says at /health that it is not healthy.
IS_HEALTHY = not (RELEASE / "UNHEALTHY").exists()

shutdown = Shutdown()
caches = {"chrome_instances": 1, "cached_pages": 12}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await answer(scope, receive, send)


async def lifespan(receive, send):
    await receive()
    shutdown.listen()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    caches.update(chrome_instances=0, cached_pages=0)
    print("QC resources are cleaned up", flush=True)
    await send({"type": "lifespan.shutdown.complete"})


async def answer(scope, receive, send):
    if scope["path"] == "/health":
        await reply(send, *health())
    elif shutdown.has_begun:
        await reply(send, 503, {"error": "the service is stopping"}, [(b"retry-after", b"1")])
    else:
        with shutdown.request():
            await reply(send, *await page(scope, receive))


def health():
    status = "stopping" if shutdown.has_begun else "healthy" if IS_HEALTHY else "unhealthy"
    code = 200 if status == "healthy" else 503
    return code, {"status": status, "version": VERSION, "in_flight": shutdown.in_flight}


async def page(scope, receive):
    body = await body_of(receive)
    if scope["path"] == "/qc-stats":
        return 200, {"version": VERSION, **caches}
    if scope["path"] == "/echo":
        return 200, {"version": VERSION, "sha256": hashlib.sha256(body).hexdigest()}
    if scope["path"] == "/api/lesson":
        # An agent needs some time for its answer.
        await asyncio.sleep(float(os.environ.get("LESSON_SECONDS", "0.02")))
        return 200, {"version": VERSION, "lesson": "fractions"}
    return 404, {"version": VERSION, "error": "not found"}


async def body_of(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def reply(send, status, value, headers=()):
    body = json.dumps(value).encode()
    own = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": body})
