"""aiohttp, line by line: python aiohttp_lines.py URL MESSAGE."""

import asyncio
import json
import sys

import aiohttp


async def ask(url, message):
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": message}], "stream": True}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/chat/completions", json=asked) as response:
        async for line in response.content:
            line = line.decode().strip()
            if line.startswith("data: ") and line != "data: [DONE]":
                print(json.loads(line[6:])["choices"][0]["delta"].get("content") or "", end="", flush=True)


asyncio.run(ask(sys.argv[1], sys.argv[2]))
