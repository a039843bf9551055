// Form fields, headers and JSON as tables.

import { make, plural } from "./dom.js";

const MOST_ROWS = 300;
const DEEPEST = 60;

export function table(head, rows) {
  const left = rows.length - MOST_ROWS;
  const line = (cells) => make("tr", {}, make("th", { scope: "row" }, cells[0]), ...cells.slice(1).map((cell) => make("td", {}, cell)));
  const body = make("tbody", {}, ...rows.slice(0, MOST_ROWS).map(line));
  const more = left > 0 ? make("caption", {}, `and ${plural(left, "more row")}`) : null;
  const headings = make("thead", {}, make("tr", {}, ...head.map((cell) => make("th", { scope: "col" }, cell))));
  return make("table", {}, more, headings, body);
}

export const pairs = (entries) => table(["name", "value"], entries);

// Returns the parsed value in an object, or null: `null` itself is JSON.
export function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function* leaves(value, path, depth = 0) {
  const inner = value !== null && typeof value === "object" ? Object.entries(value) : [];
  if (inner.length && depth === DEEPEST) {
    yield [path, "(nested deeper: see the bytes)"];
    return;
  }
  if (!inner.length) yield [path || "(all)", JSON.stringify(value)];
  for (const [key, each] of inner) {
    yield* leaves(each, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key, depth + 1);
  }
}

export const json = (value) => table(["path", "value"], [...leaves(value, "")]);
