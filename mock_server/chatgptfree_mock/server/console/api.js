// The control API.  The token stays in this page: pages that the mock serves can read cookies and storage, and windows
// that they open.

const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";

async function reason(response, path) {
  if (response.status === 401) return "wrong or missing token: open the address that the server printed";
  const refusal = await response.json().catch(() => ({}));
  return refusal.error || `${response.status} ${path}`;
}

export async function call(path, method = "GET", body = undefined) {
  const headers = { Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(`api/${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  if (!response.ok) throw new Error(await reason(response, path));
  return response;
}

export const get = async (path) => (await call(path)).json();
