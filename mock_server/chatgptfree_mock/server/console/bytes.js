// Bytes as they were on the wire, readable, with a mark at each place where one chunk ended and the next began.

import { make } from "./dom.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const VISIBLE = { "\r": "\\r", "\n": "↵\n", "\0": "\\0", "\t": "→\t", "\u001b": "\\x1b", "\ufeff": "[BOM]" };  // every font has them

function decoded(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

// Bytes that are not UTF-8 by themselves, such as half a character in front of a cut, are shown as \xNN.
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
export function cutsOf({ chunks, decoded_chunks: sizes }) {
  let offset = 0;
  return chunks.map(([ms, size], index) => {
    const cut = { offset, ms, number: index + 1 };
    offset += sizes ? sizes[index] : size;
    return cut;
  }).slice(1);
}

// The faults that took effect inside the body.  Where that was coded, their places in what is shown are not known.
export function faultsOf({ faults, decoded_chunks: sizes }) {
  return sizes ? [] : faults.filter(([, offset]) => offset >= 0).map(([name, offset]) => ({ offset, name }));
}

function markOf({ offset, ms, number, name }) {
  const text = name ? `the fault ${name} took effect after byte ${offset}`
    : `cut at byte ${offset}: chunk ${number} went out after ${Math.round(ms)} ms`;
  return make("span", { class: name ? "struck" : "cut", role: "img", "aria-label": text, title: text });
}

// Shows the bytes from start to end; `places` are cuts and faults, in the order of their offsets.
export function wire(bytes, places, start = 0, end = bytes.length) {
  const text = make("pre", { class: "wire", tabindex: "0" });
  let at = start;
  const isHere = ({ offset }) => offset >= start && (offset < end || (offset === end && end === bytes.length));
  for (const place of places.filter(isHere)) {
    text.append(shown(bytes.subarray(at, place.offset)), markOf(place));
    at = place.offset;
  }
  text.append(shown(bytes.subarray(at, end)));
  return text;
}
