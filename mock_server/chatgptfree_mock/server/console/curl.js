// A request as a curl command that a POSIX shell runs: the same method, address, headers and body.

const OWN = new Set(["content-length", "host"]);  // curl makes them from the address and the body
const DEFAULTS = ["Accept", "User-Agent", "Content-Type"];  // curl adds them where they are not given

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const header = (name, value) => (value ? `${name}: ${value}` : `${name};`);

export function curlOf({ method, url, headers, body }) {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const given = headers.filter(([name]) => !OWN.has(name.toLowerCase())).map(([name, value]) => header(name, value));
  const removed = DEFAULTS.filter((name) => !names.has(name.toLowerCase())).map((name) => `${name}:`);
  const parts = [
    `curl -sS -i -N --globoff --path-as-is ${method === "HEAD" ? "--head" : `-X ${method}`} ${quoted(url)}`,
    ...[...given, ...removed].map((each) => `-H ${quoted(each)}`),
    ...(body ? [`--data-raw ${quoted(body)}`] : []),
  ];
  return parts.join(" \\\n  ");
}
