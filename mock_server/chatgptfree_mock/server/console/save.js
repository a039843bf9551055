// Exchanges as files.  The server makes and redacts them; here they are asked for, and handed to the browser.

import { call } from "./api.js";
import { bodyOf } from "./bytes.js";
import { byId, report } from "./dom.js";
import { blocksOf, eventOf } from "./events.js";
import { parsed } from "./tables.js";

function download({ name, type, text }) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Saves the exchanges of these numbers, and returns in words what became of it.
async function save(format, numbers, more = {}) {
  const file = await (await call("journal/export", "POST", { format, numbers, ...more })).json();
  download(file);
  const redacted = file.redacted.length ? `redacted ${file.redacted.join(", ")}` : "nothing to redact";
  return [`saved ${file.name}`, redacted, ...file.notes].join("; ");
}

export async function saveAs(format, exchanges, outcome) {
  report(outcome, "…");
  try {
    report(outcome, await save(format, exchanges.map(({ number }) => number)));
  } catch ({ message }) {
    report(outcome, message, { failed: true });
  }
}

// A guess at the text of an answer, for a person to correct: what the known dialects have where their text is.
function textOf({ response }) {
  const pieces = blocksOf(bodyOf(response)).map((block) => parsed(eventOf(block).data ?? "")?.value);
  const found = (value) => [value?.choices?.[0]?.delta?.content, value?.delta?.text, value?.delta, value?.data, value?.data?.reply]
    .find((each) => typeof each === "string") ?? "";
  return [...pieces, parsed(response.body)?.value].map(found).join("");
}

// Asks what a good client makes of it, which only a person can say, and saves the scenario.
export function saveScenario(exchanges, outcome) {
  const [dialog, error, text] = [byId("scenario"), byId("scenario-error"), byId("scenario-text")];
  text.value = exchanges.map(textOf).join("");
  error.value = exchanges.every(({ response }) => response.end === "complete") ? "" : "interrupted";
  byId("scenario-title").value = "";
  report(byId("scenario-outcome"), "");
  byId("scenario-form").onsubmit = async (event) => {
    event.preventDefault();
    const expect = error.value ? { error: error.value, partial: text.value } : { text: text.value };
    try {
      const more = { title: byId("scenario-title").value, expect };
      report(outcome, await save("scenario", exchanges.map(({ number }) => number), more));
      dialog.close();
    } catch ({ message }) {
      report(byId("scenario-outcome"), message, { failed: true });
    }
  };
  dialog.showModal();
}
