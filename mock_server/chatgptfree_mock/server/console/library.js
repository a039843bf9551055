// What there is to open: the site on each release, and the scenarios.

import { get } from "./api.js";
import { byId, link, make, part, plural } from "./dom.js";
import { matches } from "./search.js";

let releases = []; // groups of them
let scenarios = [];

// A pack may have nothing of a kind, such as recordings, which know no releases and no scenarios.
function showPart(name, shown) {
  byId(name).hidden = !shown;
  document.querySelector(`nav a[href="#${name}"]`).hidden = !shown;
}

export async function showReleases() {
  const groups = new Map();
  const found = await get("releases");
  showPart("releases", found.length > 1);
  if (found.length < 2) return;
  for (const { name, date } of found) {
    const group = `${name.split(".").slice(0, 2).join(".")}.x`;
    const release = { item: link(`/v/${name}/`, name, { title: date }), text: `${name}\n${date}`.toLowerCase() };
    groups.set(group, [...(groups.get(group) || []), release]);
  }
  releases = [...groups].map(([name, list]) => ({ item: part(name, make("div", { class: "releases" }, ...list.map(({ item }) => item))), list }));
  byId("release-list").replaceChildren(...releases.map(({ item }) => item));
  filterReleases();
}

// Groups without a release that is searched for are left out, so that scenarios are near the journal.
export function filterReleases() {
  for (const { item, list } of releases) {
    for (const release of list) release.item.hidden = !matches(release.text);
    item.hidden = list.every((release) => release.item.hidden);
  }
  if (releases.length) byId("releases").hidden = releases.every(({ item }) => item.hidden);
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
  showPart("scenarios", scenarios.length > 0);
  byId("scenario-list").replaceChildren(...scenarios.map(({ item }) => item));
  filterScenarios();
}
