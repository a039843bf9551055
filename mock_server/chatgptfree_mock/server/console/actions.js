// What can be done with exchanges: copy one as a curl command, save one, or all that are shown, as a file.

import { button, byId, make } from "./dom.js";
import { curlOf } from "./curl.js";
import { saveAs, saveScenario } from "./save.js";

async function copy(text, told) {
  try {
    await navigator.clipboard.writeText(text);
    told.textContent = "copied";
  } catch {
    told.textContent = "the browser does not allow copying here: take it from below";
  }
}

// `chosen` returns the exchanges that are meant when a button is pressed.
const saveButtons = (chosen, told) => [
  button("Save as cassette", () => saveAs("cassette", chosen(), told)),
  button("Save as HAR", () => saveAs("har", chosen(), told)),
  button("Save as scenario", () => saveScenario(chosen(), told)),
];

export function actionsOf(exchange) {
  const told = make("p", { role: "status", class: "told" });
  const command = make("pre", { class: "wire curl", tabindex: "0", hidden: "" });
  const curl = () => {
    command.textContent = curlOf(exchange.request);
    command.hidden = false;
    return copy(command.textContent, told);
  };
  const row = make("div", { class: "row" }, button("Copy as curl", curl), ...saveButtons(() => [exchange], told));
  return make("div", { class: "actions" }, row, told, command);
}

// Buttons for all exchanges that `visible` returns.
export function offerToSave(visible) {
  byId("save").replaceChildren(...saveButtons(visible, byId("saved")));
}
