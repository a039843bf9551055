// The console of a running mock: fills the page, follows the journal, and connects what the other files make.

import { actionsOf, offerToSave } from "./actions.js";
import { byId } from "./dom.js";
import { filter, follow, showOpen, visible } from "./journal.js";
import { listen } from "./keyboard.js";
import { filterReleases, filterScenarios, showReleases, showScenarios } from "./library.js";
import { onSearch } from "./search.js";
import { showSites, watchOpen } from "./sites.js";

const state = (text) => { byId("state").textContent = text; };
const failed = ({ message }) => state(message);

// Without the token nothing here can act, so that only the field for it is shown.
function refused(error) {
  failed(error);
  const locked = error.cause === 401;
  byId("access").hidden = !locked;
  for (const part of document.querySelectorAll("main, nav, #search, #show-keys")) part.hidden = locked;
}

let due = 0;
function changed() {
  clearTimeout(due);
  due = setTimeout(() => showSites().catch(failed), 200);
}

for (const jump of document.querySelectorAll('nav a[href^="#"]')) {
  jump.addEventListener("click", (event) => {  // the fragment is the token's
    event.preventDefault();
    byId(jump.hash.slice(1)).scrollIntoView();
  });
}
onSearch(filter, filterReleases, filterScenarios);
listen();
offerToSave(visible);
byId("access").addEventListener("submit", (event) => {
  event.preventDefault();
  location.replace(`#${new URLSearchParams({ token: byId("token").value.trim() })}`);
  location.reload();
});
byId("scenario-cancel").addEventListener("click", () => byId("scenario").close());
showReleases().catch(() => {});
showScenarios().catch(({ message }) => { byId("scenarios-found").textContent = message; });
showSites().then(() => {
  filter();
  watchOpen(showOpen);
  follow({ state, changed, actions: actionsOf });
}, refused);
