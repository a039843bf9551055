// Asks as people do in Node: fetch with a split on blank lines, or EventSource.  Prints the text; exits 1 on an error.
import { createRequire } from "node:module";

const { how, url, fields, modules } = JSON.parse(process.argv[2]);
const query = new URLSearchParams(fields).toString();

function textOf(data) {
  if (data === "[DONE]") return "";
  const parsed = JSON.parse(data);
  if (parsed.error) throw new Error(JSON.stringify(parsed.error));
  return parsed.delta ?? parsed.choices?.[0]?.delta?.content ?? "";
}

async function withFetch(method) {
  const response = method === "POST"
    ? await fetch(url, { method, body: new URLSearchParams(fields) })
    : await fetch(`${url}?${query}`);
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body}`);
  if (!response.headers.get("content-type").startsWith("text/event-stream")) return body;
  return body.split("\n\n").filter((event) => event.startsWith("data: ")).map((event) => textOf(event.slice(6))).join("");
}

function withEventSource() {
  const { EventSource } = createRequire(`${modules}/package.json`)("eventsource");
  return new Promise((resolve, reject) => {
    const source = new EventSource(`${url}?${query}`);
    let text = "";
    const end = () => { source.close(); resolve(text); };
    source.onmessage = (event) => {
      if (event.data === "[DONE]") end();
      else text += textOf(event.data);
    };
    source.addEventListener("done", end);
    source.onerror = (event) => { source.close(); reject(new Error(event.message ?? "error")); };
  });
}

try {
  process.stdout.write(how === "eventsource" ? await withEventSource() : await withFetch(how));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
