/**
 * The page that a QR opens: checks the signature on this device, and prepares for opening the next
 * one without a network. Without this script the server's answer stands alone.
 *
 * <section data-proof data-keys-url data-worker-url>
 *   [data-verdict="genuine"…] hidden   see proof/payload.js; "no-keys" where they cannot be had
 *   [data-field="full_name"…]          filled with what the code says
 */
import { read } from "./proof/payload.js";

const PREFIX = "/T/";

document.querySelectorAll("[data-proof]").forEach(start);

async function start(root) {
  navigator.serviceWorker?.register(root.dataset.workerUrl).catch(() => {
    // Kept out by the browser or its user: the page works with a network all the same.
  });
  const text = location.pathname.slice(PREFIX.length);
  const keys = await publishedKeys(root.dataset.keysUrl);
  const said = keys ? await read(text, keys) : { verdict: "no-keys" };
  for (const place of root.querySelectorAll("[data-field]")) {
    place.textContent = shown(place.dataset.field, said);
  }
  for (const answer of root.querySelectorAll("[data-verdict]")) {
    answer.hidden = answer.dataset.verdict !== said.verdict;
  }
}

async function publishedKeys(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? (await answer.json()).keys : null;
  } catch {
    return null;
  }
}

function shown(field, said) {
  const value = said[field] ?? "";
  return field === "issued_on" ? value.split("-").reverse().join("/") : value;
}
