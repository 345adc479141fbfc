/**
 * The check-in page: sends the code of the screen, and keeps it while there is no line.
 * Without this script the form is posted plainly.
 *
 * <form                           or another element, where a kept code is still to be sent
 *   data-check-in-url             POST {"code": "123456"}, later with "taken_at" (ISO 8601)
 *   data-keep                     names enrolment and meeting on this device, e.g. "31-7"
 *   data-server-time              ISO 8601, when the page was written
 *   data-done-url                 where to go when it is done
 *   data-say-…                    sending  kept  login  busy  refused {detail}>
 *   input[name=code], hidden where the address brought it, then template[data-typed] has the field
 *   to type into;  [data-words] role=status;  [data-login] hidden
 */
import { send } from "./sending.js";
import { say, show } from "./words.js";

const FIRST_RETRY = 3_000;
const LAST_RETRY = 30_000;

document.querySelectorAll("[data-check-in-url]").forEach(start);

function start(root) {
  const { checkInUrl, keep, serverTime, doneUrl } = root.dataset;
  const key = `check-in-${keep}`;
  // The device's clock may be wrong by hours; only how much time has passed is taken from it.
  const behind = Date.parse(serverTime) - Date.now();
  let waiting = kept(key);
  let flying = false;
  let timer = null;
  let failures = 0;

  const tell = (name, values) => {
    show(root.querySelector("[data-words]"), say(root, name, values));
    root.querySelector("[data-login]")?.toggleAttribute("hidden", name !== "login");
  };

  async function deliver() {
    if (!waiting || flying) return;
    flying = true;
    clearTimeout(timer);
    const { kind, body, wait } = await send("POST", checkInUrl, content(waiting));
    flying = false;
    if (kind === "ok") {
      forget(key);
      location.assign(doneUrl);
    } else if (kind === "offline" || kind === "login") {
      waiting.late = true;
      hold(key, waiting);
      tell(kind === "login" ? "login" : navigator.onLine ? "busy" : "kept");
      failures += 1;
      const backoff = Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY);
      timer = setTimeout(deliver, Math.max(wait, backoff * (0.75 + Math.random() / 2)));
    } else {
      forget(key);
      waiting = null;
      tell("refused", { detail: body?.detail ?? "" });
      askForDigits(root);
    }
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = root.querySelector("[name=code]");
    // A code in the address was taken when the page was written, a typed one now.
    const taken = field.type === "hidden" ? Date.parse(serverTime) : Date.now() + behind;
    const code = field.value.replace(/\s/g, "");
    waiting = { code, taken_at: new Date(taken).toISOString(), late: false };
    hold(key, waiting);
    tell("sending");
    deliver();
  });
  window.addEventListener("online", deliver);
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (waiting) {
    waiting.late = true;
    deliver();
  }
}

/** A code that the address brought and that is dead gives way to the field for the next one. */
function askForDigits(root) {
  const field = root.querySelector("template[data-typed]");
  if (!field) return;
  root.querySelector("[name=code]").remove();
  root.querySelector("[data-taken]").remove();
  field.replaceWith(field.content);
  root.querySelector("[name=code]").focus();
}

/** The server judges the code by its own clock, unless it was kept here for a while. */
function content({ code, taken_at, late }) {
  return late ? { code, taken_at } : { code };
}

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function hold(key, record) {
  try {
    localStorage.setItem(key, JSON.stringify(record));
  } catch {
    // Without storage the code lasts as long as the page.
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
