// What people write in Node: fetch, and every chunk split on newlines.
//
//     node fetch_split.mjs URL MESSAGE
//
// Not a model to follow: docs/explanation/score-cards.md has what it loses.

const [url, message] = process.argv.slice(2);

const page = await (await fetch(url)).text();
const nonce = page.match(/data-nonce="([^"]+)"/)?.[1];
if (!nonce) {
  console.error("no nonce");
  process.exit(1);
}
const body = new URLSearchParams({
  _wpnonce: nonce,
  post_id: page.match(/data-post-id="(\d+)"/)?.[1] ?? "",
  url,
  action: "wpaicg_chat_shortcode_message",
  message,
  bot_id: page.match(/data-bot-id="(\d+)"/)?.[1] ?? "0",
});
const response = await fetch(`${url.replace(/\/$/, "")}/wp-admin/admin-ajax.php`, { method: "POST", body });
if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
  const answer = await response.json();
  process.stdout.write(answer.data ?? answer.msg);
} else {
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    for (const line of decoder.decode(chunk).split("\n")) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      try {
        process.stdout.write(JSON.parse(line.slice(6)).choices[0].delta.content ?? "");
      } catch {
        // half a line
      }
    }
  }
}
