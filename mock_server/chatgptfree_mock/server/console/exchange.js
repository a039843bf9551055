// One exchange: a line in the journal, and what is below it when it is open.

import { bodyOf, cutsOf, faultsOf, wire } from "./bytes.js";
import { facts, make, part, plural } from "./dom.js";
import { blocksOf, eventOf } from "./events.js";
import { json, pairs, parsed } from "./tables.js";
import { chunks, durationOf } from "./waterfall.js";

const MOST_EVENTS = 300;

const headerOf = (headers, wanted) => (headers.find(([name]) => name.toLowerCase() === wanted) || ["", ""])[1];
const stamp = (seconds) => `${new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 23)} UTC`;
const length = (exchange) => (exchange.response.end === "open" ? "…" : `${Math.round(durationOf(exchange))} ms`);

function eventView(block) {
  const { name, id, retry, data, comments } = eventOf(block);
  const value = data === null ? null : parsed(data);
  const isTree = value !== null && typeof value.value === "object" && value.value !== null;
  const rows = [["id", id], ["retry", retry], ["data", isTree ? undefined : data ?? undefined], ...comments.map((text) => ["comment", text])]
    .filter(([, text]) => text !== undefined);
  const title = data === null ? "no data, no event" : `event ${name}`;
  return make("div", {}, make("h4", {}, title, block.dispatched ? null : make("span", { class: "bad" }, " — cut off: no blank line follows")),
    rows.length ? pairs(rows) : null, isTree ? json(value.value) : null);
}

const beside = (left, raw) => make("div", { class: "beside" }, left, raw);

function responseBody(response) {
  const bytes = bodyOf(response);
  const places = [...cutsOf(response), ...faultsOf(response)].sort((one, other) => one.offset - other.offset);
  if (!bytes.length) return null;
  const kind = headerOf(response.headers, "content-type");
  if (kind.startsWith("text/event-stream")) {
    const blocks = blocksOf(bytes);
    const rest = blocks[MOST_EVENTS];
    return make("div", { class: "events" },
      ...blocks.slice(0, MOST_EVENTS).map((block) => beside(eventView(block), wire(bytes, places, block.start, block.end))),
      rest ? part(`${plural(blocks.length - MOST_EVENTS, "more block")}, as bytes only`, wire(bytes, places, rest.start)) : null);
  }
  const value = parsed(response.body);
  return value ? beside(json(value.value), wire(bytes, places)) : wire(bytes, places);
}

function requestBody({ headers, body, fields }) {
  const value = headerOf(headers, "content-type").includes("json") || /^\s*[[{]/.test(body) ? parsed(body) : null;
  const rows = Object.entries(fields);
  return [
    rows.length ? part("Fields", pairs(rows)) : null,
    value ? part("JSON", json(value.value)) : null,
    body && !value ? part("Body", make("pre", { class: "wire", tabindex: "0" }, body)) : null,
  ];
}

function keptOf({ request, response }) {
  const kept = bodyOf(response).length;
  const sent = (response.decoded_chunks || response.chunks.map(([, size]) => size)).reduce((sum, size) => sum + size, 0);
  const notes = [];
  if (kept < sent) notes.push(`only the first ${kept} of ${sent} bytes of the answer are kept`);
  if (response.chunks_left_out) notes.push(`the times of ${plural(response.chunks_left_out, "chunk")} are not kept`);
  if (new TextEncoder().encode(request.body).length < request.size) notes.push(`only the beginning of the request's ${request.size} bytes is kept`);
  return notes;
}

const headerTable = (headers) => make("details", { class: "headers" },
  make("summary", {}, plural(headers.length, "header")), pairs(headers));

export function details(exchange, actions) {
  const { request, response, why } = exchange;
  const times = response.chunks;
  return make("div", { class: "body" },
    actions,
    facts([
      ["duration", `${length(exchange)}${times.length ? `, first chunk after ${Math.round(times[0][0])} ms` : ""}`],
      ["clock of the site", stamp(exchange.at)],
      ["began", stamp(exchange.began)],
      ["ended", response.end],
      ...response.faults.map(([name, offset]) => ["fault", offset < 0 ? name : `${name}, after byte ${offset} of the body`]),
      ...keptOf(exchange).map((note) => ["note", note]),
    ]),
    why.length ? part("Why", make("ul", { class: "why" }, ...why.map((line) => make("li", {}, line)))) : null,
    times.length ? part(`Chunks: ${times.length + response.chunks_left_out}, 0 to ${Math.round(times.at(-1)[0])} ms`, chunks(times)) : null,
    part("Request", make("pre", { class: "wire", tabindex: "0" }, `${request.method} ${request.url}`), headerTable(request.headers)),
    ...requestBody(request),
    part(`Answer ${response.status} ${response.reason}`, headerTable(response.headers), responseBody(response)));
}

export function line(exchange) {
  const { number, site, request, response } = exchange;
  const { action, message, user_message: asked } = request.fields;
  const state = response.status >= 400 ? "bad" : "good";
  return make("summary", {},
    make("span", { class: "number" }, `#${number}`),
    make("span", { class: "asked" }, make("code", {}, `${request.method} ${request.target.split("?")[0]}`),
      action ? make("span", { class: "soft" }, ` ${action}`) : null,
      message || asked ? ` “${(message || asked).slice(0, 80)}”` : null),
    make("span", { class: "facts" },
      make("span", { class: state }, response.status ? String(response.status) : ""),
      make("span", { class: "soft" }, headerOf(response.headers, "content-type").split(";")[0]),
      make("span", { class: ["complete", "open"].includes(response.end) ? "soft" : "odd" },
        response.end === "open" ? "under way" : `${response.size} B, ${response.end}`),
      make("span", { class: "soft" }, length(exchange)),
      make("span", { class: "soft" }, site)));
}

export function searchable(exchange) {
  const { request, response } = exchange;
  return [request.method, request.url, request.body, ...Object.entries(request.fields).flat(), String(response.status), response.end,
    exchange.site, ...request.headers.flat(), ...response.headers.flat(), response.body, ...exchange.why].join("\n").toLowerCase();
}
