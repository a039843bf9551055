// Keys for everything that is done often; none of them acts while somebody types.

import { byId } from "./dom.js";
import { endSearch } from "./search.js";

const lines = () => [...document.querySelectorAll("#exchanges > li:not([hidden]) > details > summary")];

function step(by) {
  const all = lines();
  const current = all.indexOf(document.activeElement?.closest("#exchanges > li")?.querySelector("summary"));
  const next = all[current < 0 ? 0 : Math.min(Math.max(current + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function press(selector) {
  document.activeElement?.closest("#exchanges > li")?.querySelector(selector)?.click();
}

function leave() {
  endSearch();
  document.activeElement?.blur();
}

const keys = {
  "/": () => byId("search").focus(),
  j: () => step(1),
  k: () => step(-1),
  o: () => press("summary"),
  c: () => press(".actions button"),
  Escape: leave,
  "?": () => byId("keys").showModal(),
};
const isTyping = (target) => target.matches("input:not([type=checkbox]), textarea, select");

export function listen() {
  document.addEventListener("keydown", (event) => {
    const work = keys[event.key];
    if (!work || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target) && !(event.key === "Escape" && event.target === byId("search"))) return;
    event.preventDefault();
    work();
  });
  byId("show-keys").addEventListener("click", keys["?"]);
}
