// The events of an event stream with the bytes that each came in (WHATWG HTML 9.2.6).

const [LF, CR, COLON, SPACE] = [10, 13, 58, 32];
const BOM = [0xef, 0xbb, 0xbf];

function* linesOf(bytes) {
  let start = BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0;
  while (start < bytes.length) {
    let end = start;
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end += 1;
    const next = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
    yield { start, end, next: Math.min(next, bytes.length), ended: end < bytes.length };
    start = next;
  }
}

function fieldOf(bytes, { start, end }) {
  const line = bytes.subarray(start, end);
  const colon = line.indexOf(COLON);
  const text = (part) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(part);
  if (colon < 0) return [text(line), ""];
  return [text(line.subarray(0, colon)), text(line.subarray(colon + (line[colon + 1] === SPACE ? 2 : 1)))];
}

// Returns blocks of {start, end, fields, dispatched}; `dispatched` is false for a last block without its blank line.
export function blocksOf(bytes) {
  const blocks = [];
  let block = null;
  for (const line of linesOf(bytes)) {
    block ??= { start: line.start, end: line.next, fields: [], dispatched: false };
    block.end = line.next;
    if (line.start < line.end) {
      block.fields.push(fieldOf(bytes, line));
    } else if (line.ended) {
      block.dispatched = true;
      blocks.push(block);
      block = null;
    }
  }
  return block ? [...blocks, block] : blocks;
}

export function eventOf({ fields }) {
  const last = (wanted) => fields.findLast(([name]) => name === wanted)?.[1];
  const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
  return { name: last("event") || "message", id: last("id"), retry: last("retry"), data: data.length ? data.join("\n") : null,
    comments: fields.filter(([name]) => name === "").map(([, value]) => value) };
}
