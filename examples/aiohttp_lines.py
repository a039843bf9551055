"""
The asynchronous version of the same: aiohttp, read line by line.

    python aiohttp_lines.py URL MESSAGE

Not a model to follow: docs/explanation/score-cards.md has what it loses.
"""

import asyncio
import json
import re
import sys

import aiohttp


async def ask(url, message):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(url) as response:
            page = await response.text()
        element = re.search(r'<div[^>]*class="wpaicg-chat-shortcode"[^>]*>', page)
        if element is None:
            raise RuntimeError("No nonce found")
        nonce = re.search(r'data-nonce\s*=\s*"([^"]*)"', element.group(0)).group(1)
        post_id = re.search(r'data-post-id\s*=\s*"([^"]*)"', element.group(0)).group(1)
        bot_id = re.search(r'data-bot-id\s*=\s*"([^"]*)"', element.group(0)).group(1)
        form = {
            "_wpnonce": nonce,
            "post_id": post_id,
            "url": url.rstrip("/"),
            "action": "wpaicg_chat_shortcode_message",
            "message": message,
            "bot_id": bot_id,
        }
        async with session.post(url.rstrip("/") + "/wp-admin/admin-ajax.php", data=form) as response:
            response.raise_for_status()
            if response.content_type != "text/event-stream":
                print((await response.json(content_type=None))["data"], end="")
                return
            async for line in response.content:
                line = line.decode().strip()
                if not line.startswith("data:"):
                    continue
                data = line[5:].strip()
                if data == "[DONE]":
                    break
                try:
                    event = json.loads(data)
                except ValueError:
                    continue
                if event.get("choices"):
                    print(event["choices"][0].get("delta", {}).get("content") or "", end="", flush=True)


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], sys.argv[2]))
