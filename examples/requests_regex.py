"""
What most people write first: requests, a regular expression, and a look at what the answer seems to be.

    python requests_regex.py URL MESSAGE

Not a model to follow: docs/explanation/score-cards.md has what it loses.
"""

import json
import re
import sys

import requests


def ask(url, message):
    session = requests.Session()
    session.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
    page = session.get(url, timeout=30).text
    nonce = re.search(r'data-nonce="(.*?)"', page).group(1)
    post_id = re.search(r'data-post-id="(.*?)"', page).group(1)
    bot_id = re.search(r'data-bot-id="(.*?)"', page).group(1)
    response = session.post(
        url.rstrip("/") + "/wp-admin/admin-ajax.php",
        data={
            "_wpnonce": nonce,
            "post_id": post_id,
            "url": url,
            "action": "wpaicg_chat_shortcode_message",
            "message": message,
            "bot_id": bot_id,
        },
        timeout=30,
    )
    response.encoding = "utf-8"
    if response.text.startswith("data:"):
        return from_stream(response.text)
    return response.json()["data"]


def from_stream(text):
    answer = ""
    for line in text.splitlines():
        if line.startswith("data: ") and line != "data: [DONE]":
            try:
                answer += json.loads(line[6:])["choices"][0]["delta"].get("content", "")
            except (ValueError, KeyError):
                continue
    return answer


if __name__ == "__main__":
    print(ask(sys.argv[1], sys.argv[2]))
