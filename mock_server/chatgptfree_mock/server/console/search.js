// One search over journal, releases and scenarios: what is shown contains every word that was typed.

import { byId } from "./dom.js";

const words = () => byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);

export const matches = (text) => words().every((word) => text.includes(word));

export function onSearch(...filters) {
  byId("search").addEventListener("input", () => filters.forEach((filter) => filter()));
}

export function endSearch() {
  byId("search").value = "";
  byId("search").dispatchEvent(new Event("input"));
}
