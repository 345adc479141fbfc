/**
 * One JSON request to our own server, with the answer sorted by what to do next.
 *
 * Returns `{ kind, body, wait }`:
 *   "ok"       it was taken; `body` is the server's JSON
 *   "offline"  no line, or the server is ill: try again, not before `wait` milliseconds
 *   "login"    the session is over, or belongs to somebody else
 *   "closed"   409: too late
 *   "refused"  the server will not take this as it is
 * It never throws.
 */
const PATIENCE = 20_000;

export async function send(method, url, content, { keepalive = false } = {}) {
  const patience = new AbortController();
  // AbortSignal.timeout() is newer than many a telephone.
  const timer = keepalive ? null : setTimeout(() => patience.abort(), PATIENCE);
  try {
    return await ask(method, url, content, { keepalive, signal: patience.signal });
  } catch {
    return { kind: "offline", body: null, wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

async function ask(method, url, content, { keepalive, signal }) {
  const response = await fetch(url, {
    method,
    keepalive,
    signal,
    credentials: "same-origin",
    redirect: "manual",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: JSON.stringify(content),
  });
  const kind = sort(response);
  const body = await response.json().catch(() => null);
  // A hotel's or an office's own log-in page answers 200 without being our server.
  if (kind === "ok" && body === null) return { kind: "offline", body, wait: 0 };
  return { kind, body, wait: 1000 * (Number(response.headers.get("Retry-After")) || 0) };
}

function sort(response) {
  const { status, type } = response;
  if (type === "opaqueredirect" || [401, 403, 404].includes(status)) return "login";
  if (status === 409) return "closed";
  if (response.ok) return "ok";
  return status >= 500 || [408, 425, 429].includes(status) ? "offline" : "refused";
}

/** The cookie is asked first: it is fresh when somebody logged in again in another tab. */
function csrfToken() {
  const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
  return cookie?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}
