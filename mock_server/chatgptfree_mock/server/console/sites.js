// A card for each site: what it is, and switches for its delivery, its clock and live answers.

import { call, get } from "./api.js";
import { button, byId, facts, link, make, report } from "./dom.js";

const HOUR = 3600;
const LOOK = 1000;
const NO_RELEASE = "current";  // what a pack calls its only release
const cards = new Map();

function factsOf(site) {
  return facts([
    site.plugin === NO_RELEASE ? ["pack", site.pack] : ["plugin", site.plugin],
    ["clock", `${new Date(site.time * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC`],
    ...(site.nonce ? [["nonce", site.nonce]] : []),
    ["requests", String(site.requests)],
    ["delivery", site.delivery],
    ...site.warnings.map((line) => ["warning", line]),
  ]);
}

function field(label, attributes) {
  const input = make("input", { autocomplete: "off", spellcheck: "false", ...attributes });
  return [input, make("label", {}, label, input)];
}

// Returns a form; `send` gets its submit event and may throw.
const form = (send, ...content) => {
  const made = make("form", {}, ...content);
  made.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  return made;
};

const wordsOf = (delivery) => Object.fromEntries(delivery.split(" ").map((part) => part.split(/=(.*)/s)));

function deliveryForm(change) {
  const [chunks, chunksLabel] = field("chunks", { list: "chunk-words", placeholder: "as-recorded" });
  const [pace, paceLabel] = field("pace", { list: "pace-words", placeholder: "recorded" });
  const [fault, faultLabel] = field("fault", { list: "fault-words", placeholder: "none" });
  const send = () => change("delivery", "PUT", { chunks: chunks.value || null, pace: pace.value || null, fault: fault.value || null });
  const none = () => { chunks.value = pace.value = fault.value = ""; send(); };
  const made = form(send, chunksLabel, paceLabel, faultLabel,
    make("div", { class: "row" }, make("button", {}, "Apply"), button("As recorded", none)));
  const fill = ({ delivery }) => {
    if (made.contains(document.activeElement)) return;
    const words = wordsOf(delivery);
    [chunks.value, pace.value, fault.value] = [words.chunks === "as-recorded" ? "" : words.chunks, words.pace || "", words.fault || ""];
  };
  return [made, fill];
}

function clockForm(change) {
  const [hours, label] = field("hours", { type: "number", step: "any", min: "0.001", required: "", value: "12" });
  const turn = (by) => change("clock", "POST", { turn: by * HOUR });
  return form(() => turn(Number(hours.value)), label,
    make("div", { class: "row" }, make("button", {}, "Turn forward"), button("+ 1 day", () => turn(24))));
}

function pushForm(change) {
  const text = make("textarea", { rows: "2", required: "", "aria-label": "Text to push", placeholder: "Hel" });
  const raw = make("textarea", { rows: "2", required: "", "aria-label": "Bytes to push", placeholder: "data: {…}\\n\\n" });
  const bytes = () => raw.value.replace(/\\r/g, "\r").replace(/\\n/g, "\n");
  const push = (body) => change("live", "POST", body);
  return make("div", { class: "push" },
    make("p", { class: "hint" }, "A push waits up to 30 s for a request. Text is framed as this release frames it; bytes go out as they are, with \\r and \\n for line ends."),
    form(() => push({ push: text.value }), text,
      make("div", { class: "row" }, make("button", {}, "Push text"), button("End the answer", () => push({ end: true })))),
    form(() => push({ raw: bytes() }), raw,
      make("div", { class: "row" }, make("button", {}, "Push bytes"), button("Truncate", () => push({ truncate: true })),
        button("Reset", () => push({ reset: true })))));
}

function liveSwitch(change) {
  const box = make("input", { type: "checkbox" });
  const pushing = pushForm(change);
  box.addEventListener("change", () => change("live", "PUT", { live: box.checked }));
  const fill = ({ live }) => { box.checked = live; pushing.hidden = !live; };
  return [make("label", { class: "switch" }, box, "Live answers"), pushing, fill];
}

function cardOf(site, refresh) {
  const outcomeOf = () => make("p", { class: "outcome", role: "status" });
  const outcomes = { delivery: outcomeOf(), clock: outcomeOf(), live: outcomeOf() };
  const change = async (what, method, body) => {
    const outcome = outcomes[what];
    for (const other of Object.values(outcomes)) report(other, "");
    report(outcome, "…");
    try {
      await call(`sites/${encodeURIComponent(site.name)}/${what}`, method, body);
      report(outcome, "done");
    } catch ({ message }) {
      report(outcome, message, { failed: true });
    }
    outcome.scrollIntoView({ block: "nearest" });
    await refresh();
  };
  const [delivery, fillDelivery] = deliveryForm(change);
  const [live, pushing, fillLive] = liveSwitch(change);
  const about = make("div");
  const element = make("article", { class: "card", "aria-label": `site ${site.name}` }, link(site.path, site.path),
    make("span", { class: "soft" }, ` ${site.name}`), about,
    make("details", { class: "switches" }, make("summary", {}, "Delivery, faults, clock, live answers"),
      make("h3", {}, "Delivery and faults"), delivery, outcomes.delivery, make("h3", {}, "Clock"), clockForm(change), outcomes.clock,
      make("h3", {}, "Answers"), live, outcomes.live, pushing));
  const update = (now) => {
    about.replaceChildren(factsOf(now));
    fillDelivery(now);
    fillLive(now);
  };
  return { element, update };
}

export async function showSites() {
  const sites = await get("sites");
  for (const name of [...cards.keys()].filter((known) => !sites.some(({ name: one }) => one === known))) {
    cards.get(name).element.remove();
    cards.delete(name);
  }
  for (const site of sites) {
    if (!cards.has(site.name)) {
      cards.set(site.name, cardOf(site, () => showSites().catch(() => {})));
      byId("site-list").append(cards.get(site.name).element);
    }
    cards.get(site.name).update(site);
  }
  return sites;
}

// Calls `look` every second while somebody can see the page: a slow answer is shown before it has ended.
export async function watchOpen(look) {
  for (;;) {
    await new Promise((resolve) => { setTimeout(resolve, LOOK); });
    if (!document.hidden) await look().catch(() => {});
  }
}
