// The journal: a line for each exchange with its bar of the waterfall, the newest first, kept up to date.

import { call, get } from "./api.js";
import { byId, make, plural } from "./dom.js";
import { details, line, searchable } from "./exchange.js";
import { matches } from "./search.js";
import { axisOf, bar, scale } from "./waterfall.js";

const MOST_ROWS = 500;
const RETRY = 2000;
const rows = new Map();
let actionsOf = () => null;
let drawing = 0;

// The exchanges that are shown now, oldest first.
export const visible = () => [...rows.values()].filter(({ item }) => !item.hidden).map(({ exchange }) => exchange);

function rowOf(exchange) {
  const summary = line(exchange);
  const place = make("div", { class: "place" });
  summary.append(place);
  const entry = make("details", {}, summary);
  entry.addEventListener("toggle", () => {
    if (entry.open && entry.childElementCount === 1) entry.append(details(exchange, actionsOf(exchange)));
  });
  return { exchange, item: make("li", {}, entry), place, text: searchable(exchange) };
}

function draw() {
  const axis = axisOf(visible());
  byId("scale").replaceChildren(...scale(axis));
  for (const { exchange, item, place } of rows.values()) if (!item.hidden) place.replaceChildren(bar(exchange, axis));
}

export function filter() {
  for (const row of rows.values()) row.item.hidden = !matches(row.text);
  const count = visible().length;
  byId("found").textContent = count === rows.size ? plural(count, "exchange") : `${count} of ${plural(rows.size, "exchange")}`;
  byId("nothing").hidden = count > 0;
  byId("nothing").textContent = rows.size ? "No exchange contains this." : "No request came yet. Open a site above and ask something.";
  byId("axis").hidden = count === 0;
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(draw);
}

// Puts a new row in the place of an old one: it stays open, and keeps the focus.
function replace(old, item) {
  const had = old.contains(document.activeElement);
  item.firstChild.open = old.firstChild.open;
  old.replaceWith(item);
  if (had) item.querySelector("summary").focus({ preventScroll: true });
}

// An exchange comes once when it has ended, and before that as often as somebody looks while it is under way.
export function show(exchange) {
  const known = rows.get(exchange.number);
  if (known && known.exchange.response.end !== "open") return;
  if (known && JSON.stringify(known.exchange) === JSON.stringify(exchange)) return;
  const row = rowOf(exchange);
  if (known) replace(known.item, row.item);
  else byId("exchanges").prepend(row.item);
  rows.set(exchange.number, row);
  for (const [number, { item }] of [...rows].slice(0, Math.max(rows.size - MOST_ROWS, 0))) {
    item.remove();
    rows.delete(number);
  }
  filter();
}

export async function showOpen() {
  (await get("journal?end=open")).exchanges.forEach(show);
}

async function clear() {
  await call("journal", "DELETE");
  rows.clear();
  byId("exchanges").replaceChildren();
  filter();
}

async function readLines(response, changed) {
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const each of lines) show(JSON.parse(each));
    if (lines.length) changed();
  }
}

// Follows the journal for good; an EventSource could not send the token.  `state` shows a text, `changed` is called when
// exchanges have ended, `actions` makes the buttons of an exchange.
export async function follow({ state, changed, actions }) {
  actionsOf = actions;
  byId("clear").addEventListener("click", () => clear().catch(({ message }) => state(message)));
  for (;;) {
    try {
      const response = await call("journal/follow");
      state("following");
      await readLines(response, changed);
      state("not connected");
    } catch ({ message }) {
      state(message);
    }
    await new Promise((resolve) => { setTimeout(resolve, RETRY); });
  }
}
