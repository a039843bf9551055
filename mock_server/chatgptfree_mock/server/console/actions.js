// What can be done with one exchange: copy it as a curl command.

import { button, make } from "./dom.js";
import { curlOf } from "./curl.js";

async function copy(text, told) {
  try {
    await navigator.clipboard.writeText(text);
    told.textContent = "copied";
  } catch {
    told.textContent = "the browser does not allow copying here: take it from below";
  }
}

export function actionsOf({ request }) {
  const told = make("span", { role: "status", class: "soft" });
  const command = make("pre", { class: "wire curl", tabindex: "0", hidden: "" });
  const curl = () => {
    command.textContent = curlOf(request);
    command.hidden = false;
    return copy(command.textContent, told);
  };
  return make("div", { class: "actions" }, make("div", { class: "row" }, button("Copy as curl", curl), told), command);
}
