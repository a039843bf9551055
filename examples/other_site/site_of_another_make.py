"""A chat site of another make: a page with a token in a meta tag, a JSON question, an answer in events of its own."""

import asyncio
import gzip
import json
import re
import secrets
import sys

from aiohttp import web

TEXT = "Grüß dich 👋 — this is an answer in five events."


async def page(request):
    token = secrets.token_hex(16)
    request.app["tokens"].add(token)
    html = f'<!doctype html><meta name="csrf-token" content="{token}"><title>Other chat</title><p>Ask away.</p>'
    return web.Response(text=html, content_type="text/html")


async def answer(request):
    question = await request.json()
    if request.headers.get("X-CSRF-Token") not in request.app["tokens"]:
        return web.json_response({"detail": "CSRF token missing or incorrect"}, status=403)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Content-Encoding": "gzip"})
    await response.prepare(request)
    words = re.findall(r"\S+\s*", f"{question['question']} {TEXT}")
    for word in words:
        event = f"event: token\ndata: {json.dumps({'t': word}, ensure_ascii=False)}\n\n"
        await response.write(gzip.compress(event.encode()))  # one gzip member for each event
        await asyncio.sleep(0.01)
    await response.write(gzip.compress(b"event: end\ndata: {}\n\n"))
    return response


def make_app():
    app = web.Application()
    app["tokens"] = set()
    app.add_routes([web.get("/", page), web.post("/api/chat", answer)])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]))
