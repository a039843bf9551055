// What there is to open: the site on each release, and the scenarios.

import { get } from "./api.js";
import { byId, link, make, part, plural } from "./dom.js";
import { matches } from "./search.js";

let scenarios = [];

// A pack may have nothing of a kind, such as recordings, which know no releases and no scenarios.
function showPart(name, shown) {
  byId(name).hidden = !shown;
  document.querySelector(`nav a[href="#${name}"]`).hidden = !shown;
}

export async function showReleases() {
  const groups = new Map();
  const releases = await get("releases");
  showPart("releases", releases.length > 1);
  for (const release of releases) {
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
  showPart("scenarios", scenarios.length > 0);
  byId("scenario-list").replaceChildren(...scenarios.map(({ item }) => item));
  filterScenarios();
}
