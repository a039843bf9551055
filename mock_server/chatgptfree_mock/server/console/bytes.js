// Bytes as they were on the wire, readable, with a mark at each place where one chunk ended and the next began.

import { make } from "./dom.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const VISIBLE = { "\r": "␍", "\n": "␊\n", "\0": "␀", "\t": "␉\t", "\u001b": "␛", "\ufeff": "[BOM]" };

function decoded(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

// Bytes that are no UTF-8 by themselves, such as half a character in front of a cut, are shown as \xNN.
function readable(bytes) {
  const whole = decoded(bytes);
  if (whole !== null) return whole;
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const size = [1, 2, 3, 4].find((length) => at + length <= bytes.length && decoded(bytes.subarray(at, at + length)) !== null);
    text += size ? decoded(bytes.subarray(at, at + size)) : `\\x${bytes[at].toString(16).padStart(2, "0")}`;
    at += size || 1;
  }
  return text;
}

const shown = (bytes) => readable(bytes).replace(/[\r\n\0\t\u001b\ufeff]/g, (character) => VISIBLE[character]);

export function bodyOf({ body, base64 }) {
  return base64 === null ? new TextEncoder().encode(body) : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

// Returns [{offset, ms, number}] of the chunks that begin inside the body; the first begins with it and is none.
export function cutsOf({ pieces, decoded_pieces: sizes }) {
  let offset = 0;
  return pieces.map(([ms, size], index) => {
    const cut = { offset, ms, number: index + 1 };
    offset += sizes ? sizes[index] : size;
    return cut;
  }).slice(1);
}

function markOf({ offset, ms, number }) {
  const text = `cut at byte ${offset}: chunk ${number} went out after ${Math.round(ms)} ms`;
  return make("span", { class: "cut", role: "img", "aria-label": text, title: text });
}

export function wire(bytes, cuts, start = 0, end = bytes.length) {
  const text = make("pre", { class: "wire", tabindex: "0" });
  let at = start;
  for (const cut of cuts.filter(({ offset }) => offset >= start && offset < end)) {
    text.append(shown(bytes.subarray(at, cut.offset)), markOf(cut));
    at = cut.offset;
  }
  text.append(shown(bytes.subarray(at, end)));
  return text;
}
