// One time axis for all exchanges, and a bar on it for each: the wait, the chunks, and how it ended.

import { draw, make } from "./dom.js";

const IDLE = 1000;  // milliseconds without any exchange that are drawn shorter
const SHORT = 150;  // milliseconds that such a gap takes on the axis
const WIDTH = 1000;
const MOST_TICKS = 300;

const startOf = ({ began }) => began * 1000;
export const durationOf = ({ ms, response }) => ms ?? response.chunks.at(-1)?.[0] ?? 0;

// Returns {at, total, gaps}: `at` turns milliseconds since 1970 into 0..1, `total` is the length in milliseconds.
export function axisOf(exchanges) {
  const spans = exchanges.map((each) => [startOf(each), startOf(each) + durationOf(each)]).sort(([one], [other]) => one - other);
  const origin = spans.length ? spans[0][0] : 0;
  const gaps = [];
  let [busy, cut] = [origin, 0];
  for (const [start, end] of spans) {
    if (start - busy > IDLE) {
      gaps.push({ until: start, at: busy - origin - cut + SHORT / 2, cut: cut += start - busy - SHORT });
    }
    busy = Math.max(busy, end);
  }
  const place = (ms) => ms - origin - (gaps.findLast(({ until }) => until <= ms)?.cut ?? 0);
  const total = Math.max(place(busy), 1);
  return { at: (ms) => place(ms) / total, total, gaps: gaps.map(({ at }) => at / total) };
}

const words = (ms) => (ms >= 1000 ? `${+(ms / 1000).toFixed(2)} s` : `${Math.round(ms)} ms`);

// A round number of milliseconds of which four or fewer fit into the whole.
function stepOf(total) {
  const power = 10 ** Math.floor(Math.log10(total / 4));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => total / step <= 4);
}

export function scale({ total }) {
  const step = stepOf(total);
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => {
    const label = make("span", {}, words(index * step));
    label.style.left = `${(100 * index * step) / total}%`;
    label.hidden = index > 0 && index * step > 0.85 * total;  // there is no room for it
    return label;
  });
}

const upright = (name, x, top, bottom) =>
  draw("line", { class: name, x1: x, x2: x, y1: top, y2: bottom, "vector-effect": "non-scaling-stroke" });

const box = (name, from, until, top, height) => draw("rect", { class: name, x: from, y: top, width: Math.max(until - from, 2), height });

export function bar(exchange, { at, gaps }) {
  const { response } = exchange;
  const x = (ms) => Math.min(at(startOf(exchange) + ms) * WIDTH, WIDTH - 2);
  const first = response.chunks[0]?.[0] ?? durationOf(exchange);
  const every = Math.ceil(response.chunks.length / MOST_TICKS);
  const ticks = response.chunks.filter((_, index) => index % every === 0);
  const picture = draw("svg", { class: "bar", viewBox: `0 0 ${WIDTH} 20`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...gaps.map((gap) => upright("gap", gap * WIDTH, 0, 20)),
    box("wait", x(0), x(first), 9, 2),
    response.chunks.length ? box("flow", x(first), x(durationOf(exchange)), 6, 8) : null,
    ...ticks.map(([ms]) => upright("tick", x(ms), 3, 17)));
  if (!["complete", "open"].includes(response.end)) picture.append(upright("broken", x(durationOf(exchange)), 0, 20));
  return picture;
}

// The chunks of one answer on an axis of their own, as high as they are big.
export function chunks(sizes) {
  const last = Math.max(sizes.at(-1)[0], 1);
  const largest = Math.max(...sizes.map(([, size]) => size), 1);
  const label = `${sizes.length} chunks in ${Math.round(last)} milliseconds`;
  const picture = draw("svg", { class: "line", viewBox: `0 0 ${WIDTH} 34`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    draw("line", { class: "axis", x1: 0, x2: WIDTH, y1: 30, y2: 30 }));
  for (const [ms, size] of sizes) {
    const height = 4 + 22 * Math.sqrt(size / largest);
    picture.append(draw("rect", { class: "chunk", x: 2 + (ms / last) * (WIDTH - 10), y: 30 - height, width: 6, height }));
  }
  return picture;
}
