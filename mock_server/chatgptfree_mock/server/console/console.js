"use strict";
// Everything that was on the wire goes into the page as text, never as markup.
// The token stays in this page: pages that the mock serves can read cookies and storage, and windows that they open.

const api = "api/";
const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
const shown = new Map();
const byId = (id) => document.getElementById(id);

function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function draw(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

async function call(path, options) {
  const response = await fetch(api + path, { ...options, headers: { Authorization: `Bearer ${token}` } });
  if (response.ok) return response;
  throw new Error(response.status === 401 ? "wrong or missing token: open the address that the server printed"
    : `${response.status} ${path}`);
}

const get = async (path) => (await call(path)).json();
const show = (state) => { byId("state").textContent = state; };
// The pages behind links are not trusted: they get neither this window nor its address.
const link = (properties, text) => make("a", { target: "_blank", rel: "noopener noreferrer", ...properties }, text);

function facts(pairs) {
  const list = make("dl");
  for (const [name, value] of pairs) list.append(make("dt", {}, name), make("dd", {}, value));
  return list;
}

async function showSites() {
  const sites = await get("sites");
  byId("site-list").replaceChildren(...sites.map((site) => make("div", { class: "card" },
    link({ href: site.path }, site.path),
    make("span", { class: "soft" }, ` ${site.name}`),
    facts([
      ["plugin", site.plugin],
      ["delivery", site.delivery],
      ["its time", new Date(site.time * 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC"],
      ["nonce", site.nonce],
      ["requests", String(site.requests)],
      ...site.warnings.map((line) => ["warning", line]),
    ]))));
}

function timeLine(pieces) {
  const [width, left] = [1000, 4];
  const last = Math.max(pieces.at(-1)[0], 1);
  const line = draw("svg", { class: "line", viewBox: `0 0 ${width} 34`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${pieces.length} pieces in ${Math.round(last)} milliseconds` });
  line.append(draw("line", { class: "axis", x1: 0, x2: width, y1: 26, y2: 26 }));
  const largest = Math.max(...pieces.map(([, size]) => size), 1);
  for (const [ms, size] of pieces) {
    const height = 4 + 18 * Math.sqrt(size / largest);
    const at = left + (ms / last) * (width - 2 * left - 6);
    line.append(draw("rect", { class: "piece", x: at, y: 26 - height, width: 6, height }));
  }
  return line;
}

const headerOf = (headers, wanted) => (headers.find(([name]) => name.toLowerCase() === wanted) || ["", ""])[1];

function wire(response) {
  const coding = headerOf(response.headers, "content-encoding");
  if (coding) {  // the pieces are of what went out, the body is what it says
    const readable = coding === "gzip" || coding === "deflate";
    return make("pre", { class: "wire" }, readable ? response.body : `(${coding}, ${response.size} bytes)`);
  }
  const bytes = new TextEncoder().encode(response.body);
  const text = make("pre", { class: "wire" });
  let at = 0;
  for (const [, size] of response.pieces) {
    if (at >= bytes.length) break;
    text.append(make("span", {}, new TextDecoder().decode(bytes.slice(at, at + size))));
    at += size;
  }
  return text;
}

const headersText = (headers) => headers.map(([name, value]) => `${name}: ${value}`).join("\n");
const part = (title, ...content) => make("div", {}, make("h3", {}, title), ...content);

function bodyOf({ request, response, why }) {
  const times = response.pieces;
  const count = times.length + response.pieces_left_out;
  const last = times.length ? Math.round(times.at(-1)[0]) : 0;
  return make("div", { class: "body" },
    why.length ? part("Why", make("ul", { class: "why" }, ...why.map((line) => make("li", {}, line)))) : null,
    times.length ? part(`Time line: ${count} piece${count === 1 ? "" : "s"}, 0 to ${last} ms`, timeLine(times)) : null,
    part("Request", make("pre", { class: "wire" },
      `${request.method} ${request.target}\n${headersText(request.headers)}\n\n${request.body}`)),
    part(`Answer ${response.status} ${response.reason}`, make("pre", { class: "wire" }, headersText(response.headers)),
      times.length ? wire(response) : null));
}

function showExchange(exchange) {
  const { number, site, request, response } = exchange;
  const { action, message, user_message: asked } = request.fields;
  const kind = headerOf(response.headers, "content-type");
  const state = response.status >= 400 ? "bad" : "good";
  const entry = make("details", {},
    make("summary", {},
      make("span", { class: "number" }, `#${number}`),
      make("span", { class: "asked" }, make("code", {}, `${request.method} ${request.target.split("?")[0]}`),
        action ? make("span", { class: "soft" }, ` ${action}`) : null,
        message || asked ? ` “${(message || asked).slice(0, 80)}”` : null),
      make("span", { class: state }, String(response.status)),
      make("span", { class: "soft" }, kind.split(";")[0]),
      make("span", { class: response.end === "complete" ? "soft" : "odd" }, `${response.size} B, ${response.end}`),
      make("span", { class: "soft" }, site)));
  entry.addEventListener("toggle", () => {
    if (entry.open && entry.childElementCount === 1) entry.append(bodyOf(exchange));
  });
  const item = make("li", {}, entry);
  shown.set(number, [JSON.stringify([site, request.target, request.fields, response.status, response.end]).toLowerCase(), item]);
  byId("exchanges").prepend(item);
  filter();
}

function filter() {
  const wanted = byId("search").value.trim().toLowerCase();
  let any = false;
  for (const [text, item] of shown.values()) {
    item.hidden = Boolean(wanted) && !text.includes(wanted);
    any ||= !item.hidden;
  }
  byId("nothing").hidden = any;
}

async function showReleases() {
  const groups = new Map();
  for (const release of await get("releases")) {
    const name = `${release.name.split(".").slice(0, 2).join(".")}.x`;
    groups.set(name, [...(groups.get(name) || []), release]);
  }
  byId("release-list").replaceChildren(...[...groups].map(([name, releases]) => part(name, make("div", { class: "releases" },
    ...releases.map((release) => link({ href: `/v/${release.name}/`, title: release.date }, release.name))))));
}

async function showScenarios() {
  const scenarios = await get("scenarios");
  byId("no-scenarios").hidden = scenarios.length > 0;
  byId("scenario-list").replaceChildren(...scenarios.map((scenario) => make("li", {},
    link({ href: scenario.path }, scenario.name), ` ${scenario.title}`)));
}

let due = 0;
function showLine(line) {
  const exchange = JSON.parse(line);
  if (!shown.has(exchange.number)) showExchange(exchange);
  clearTimeout(due);
  due = setTimeout(() => showSites().catch(({ message }) => show(message)), 200);
}

async function readLines(response) {
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    lines.forEach(showLine);
  }
}

// An EventSource could not send the token.
async function follow() {
  for (;;) {
    try {
      const response = await call("journal/follow");
      show("following");
      await readLines(response);
      show("not connected");
    } catch ({ message }) {
      show(message);
    }
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
  }
}

for (const jump of document.querySelectorAll('nav a[href^="#"]')) {
  jump.addEventListener("click", (event) => {  // the fragment is the token's
    event.preventDefault();
    byId(jump.hash.slice(1)).scrollIntoView();
  });
}
byId("search").addEventListener("input", filter);
byId("clear").addEventListener("click", async () => {
  await call("journal", { method: "DELETE" });
  shown.clear();
  byId("exchanges").replaceChildren();
  filter();
});
showReleases().catch(() => {});
showScenarios().catch(({ message }) => { byId("no-scenarios").textContent = message; });
showSites().then(follow, ({ message }) => show(message));
