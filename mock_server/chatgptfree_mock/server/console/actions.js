// What can be done with exchanges: copy one as a curl command, save one, or all that are shown, as a file.

import { button, byId, make, report } from "./dom.js";
import { curlOf } from "./curl.js";
import { saveAs, saveScenario } from "./save.js";

async function copy(text, outcome) {
  try {
    await navigator.clipboard.writeText(text);
    report(outcome, "copied");
  } catch {
    report(outcome, "the browser does not allow copying here: take it from below", { failed: true });
  }
}

// `chosen` returns the exchanges that are meant when a button is pressed.
const saveButtons = (chosen, outcome) => [
  button("Save as cassette", () => saveAs("cassette", chosen(), outcome)),
  button("Save as HAR", () => saveAs("har", chosen(), outcome)),
  button("Save as scenario", () => saveScenario(chosen(), outcome)),
];

export function actionsOf(exchange) {
  const outcome = make("p", { role: "status", class: "outcome" });
  const command = make("pre", { class: "wire curl", tabindex: "0", hidden: "" });
  const curl = () => {
    command.textContent = curlOf(exchange.request);
    command.hidden = false;
    return copy(command.textContent, outcome);
  };
  const row = make("div", { class: "row" }, button("Copy as curl", curl), ...saveButtons(() => [exchange], outcome));
  return make("div", { class: "actions" }, row, outcome, command);
}

// Buttons for all exchanges that `visible` returns.
export function offerToSave(visible) {
  byId("save").replaceChildren(...saveButtons(visible, byId("saved")));
}
