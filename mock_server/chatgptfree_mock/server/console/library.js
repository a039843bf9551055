// What there is to open: the site on each release, and the scenarios.

import { get } from "./api.js";
import { byId, link, make, part, plural } from "./dom.js";
import { matches } from "./search.js";

let scenarios = [];

export async function showReleases() {
  const groups = new Map();
  for (const release of await get("releases")) {
    const name = `${release.name.split(".").slice(0, 2).join(".")}.x`;
    groups.set(name, [...(groups.get(name) || []), release]);
  }
  byId("release-list").replaceChildren(...[...groups].map(([name, releases]) => part(name, make("div", { class: "releases" },
    ...releases.map((release) => link(`/v/${release.name}/`, release.name, { title: release.date }))))));
}

export function filterScenarios() {
  for (const { item, text } of scenarios) item.hidden = !matches(text);
  const count = scenarios.filter(({ item }) => !item.hidden).length;
  byId("scenarios-found").textContent =
    count === scenarios.length ? plural(count, "scenario") : `${count} of ${plural(scenarios.length, "scenario")}`;
}

export async function showScenarios() {
  scenarios = (await get("scenarios")).map(({ name, title, path }) => ({
    item: make("li", {}, link(path, name), ` ${title}`),
    text: [name, title].join("\n").toLowerCase(),
  }));
  byId("scenario-list").replaceChildren(...scenarios.map(({ item }) => item));
  filterScenarios();
}
