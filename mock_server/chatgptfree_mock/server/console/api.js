// The control API.  The token stays in this page: pages that the mock serves can read cookies and storage, and windows
// that they open.

const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";

async function reason(response, path) {
  if (response.status === 401) return "wrong or missing token";
  const answer = await response.json().catch(() => ({}));
  return answer.refused?.error || answer.error || `${response.status} ${path}`;
}

// A refusal comes with status 200 and this header: a browser would log any other status as an error of the page.
const isRefused = (response) => !response.ok || response.headers.has("Preference-Applied");

export async function call(path, method = "GET", body = undefined) {
  const headers = { Authorization: `Bearer ${token}`, Prefer: "refusal=data" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(`api/${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  if (isRefused(response)) throw new Error(await reason(response, path), { cause: response.status });
  return response;
}

export const get = async (path) => (await call(path)).json();
