/**
 * The exam page: saves each answer as it is given, shows the server's receipts, keeps time.
 * Without this script the page is one plain form with "save" and "submit".
 *
 * <form id="exam" class="exam" method="post" action="…" autocomplete="off"
 *   data-attempt="17"           the attempt's id: names what is kept on this device
 *   data-save-url  data-submit-url  data-result-url  data-login-url
 *   data-server-time            ISO 8601, when the page was written
 *   data-deadline               ISO 8601, or empty for no limit
 *   data-time-zone              optional, for times of receipts: Asia/Ho_Chi_Minh
 *   data-one                    optional: one question at a time on wide screens too
 *   data-say-…                  the sentences, see below>
 *
 *   [data-strip]                an empty <ol class="strip">
 *   [data-clock]                the time left;   [data-announce] role=status, for the warnings
 *   fieldset.question[data-slot="3"]#slot-3      data-seq: the number of the answer the
 *                               server holds, 0 for none
 *                               data-saved-at: ISO 8601 of its last receipt (or none)
 *       [data-status]           the receipt of this question;  [data-mark] a checkbox, no name
 *   [data-previous] [data-next] buttons (type=button)
 *   [data-connection] role=status   [data-receipt]   [data-login] a link, hidden
 *   dialog[data-summary] with [data-summary-words], [data-summary-list] (an empty
 *       <ul class="strip">), [data-confirm] and [data-back] buttons (type=button)
 *   elements with data-plain are for the plain form only, with data-scripted for the script only
 *
 * data-say-   saved {number} {time}   sending   kept   refused {number}
 *             online   offline   back {count} (-one, -none)   login   closed
 *             minutes {count} (-one)   left {time}   over   over-offline
 *             all-answered {total}   some-empty {count} (-one)   cannot-submit   submitting
 *             state-empty   state-answered   state-saved   state-marked
 *
 * The server answers PUT data-save-url {"answers": [{slot, seq, response}]} by
 * {"server_time", "deadline", "saved": [{slot, seq, saved_at}]}; an empty list asks the time.
 */
import { read, write } from "./exam/answers.js";
import { Clock } from "./exam/clock.js";
import { openKeeping } from "./exam/keeping.js";
import { Outbox } from "./exam/outbox.js";
import { Page } from "./exam/page.js";
import { Strip } from "./exam/strip.js";
import { askBeforeSubmitting } from "./exam/summary.js";

const form = document.getElementById("exam");
if (form) start(form);

async function start(form) {
  const page = new Page(form);
  const { fieldsets } = page;

  // What is touched while the device's store opens is answered later than anything in it.
  const early = new Set();
  const noteEarly = (event) => early.add(page.slotOf(event));
  form.addEventListener("input", noteEarly);
  const keeping = await openKeeping(Number(form.dataset.attempt));
  form.removeEventListener("input", noteEarly);
  early.delete(null);

  const strip = new Strip(form, fieldsets);
  const answerOf = (slot) => read(fieldsets.get(slot));
  const outbox = new Outbox({
    url: form.dataset.saveUrl,
    keeping,
    tell: (event, detail) => hear[event](detail),
  });
  let submitting = false;
  let leaving = false;
  let over = false;

  const hear = {
    changed({ slot }) {
      strip.set(slot, answerOf(slot) === null ? "empty" : "answered");
      page.status(slot, outbox.offline ? "kept" : "sending");
    },
    saved({ slot, at }) {
      strip.set(slot, answerOf(slot) === null ? "empty" : "saved");
      page.lastReceipt(page.receipt(slot, at));
    },
    refused: ({ slot }) => page.status(slot, "refused"),
    answered({ body }) {
      clock.set({ serverTime: body.server_time, deadline: body.deadline });
      if (!outbox.offline) page.connection("online");
      if (over && clock.left() <= 0) submit();
    },
    offline() {
      page.connection("offline");
      for (const slot of outbox.slots) page.status(slot, "kept");
    },
    back: ({ count }) => page.connection("back", { count }),
    login: () => page.connection("login"),
    async closed() {
      page.connection("closed");
      await forget();
      location.assign(form.dataset.resultUrl);
    },
  };

  async function forget() {
    leaving = true;
    strip.forgetMarks();
    await keeping.forget();
  }

  /** Send what waits, then post the form. False where there is no line: nothing was lost. */
  async function submit() {
    if (submitting || leaving) return true;
    submitting = true;
    const kind = await outbox.drain();
    submitting = false;
    if (kind !== "ok") return leaving;
    await forget();
    const action = document.createElement("input");
    Object.assign(action, { type: "hidden", name: "action", value: "submit" });
    form.append(action);
    // Buttons named "action" hide the form's own properties of that name.
    form.setAttribute("action", form.dataset.submitUrl);
    HTMLFormElement.prototype.submit.call(form);
    return true;
  }

  const clock = new Clock({
    serverTime: form.dataset.serverTime,
    deadline: form.dataset.deadline ?? "",
    tick: (left) => page.timeLeft(left),
    warn: (minutes) => page.announce("minutes", { count: minutes }),
    last: () => outbox.flush(),
    async zero() {
      over = true;
      page.announce("over");
      // The server may have given more time: its answer sets the clock before this decides.
      const kind = await outbox.flush();
      if (clock.left() > 0) over = false;
      else if (kind === "offline") page.announce("over-offline");
    },
  });

  // What the server holds, then what this device knows better.
  for (const [slot, fieldset] of fieldsets) {
    outbox.startAfter(Number(fieldset.dataset.seq) || 0);
    strip.set(slot, fieldset.dataset.savedAt && answerOf(slot) !== null ? "saved" : "empty");
    if (fieldset.dataset.savedAt) page.receipt(slot, fieldset.dataset.savedAt);
  }
  for (const { slot, seq, response, saved } of keeping.records) {
    const fieldset = fieldsets.get(slot);
    if (!fieldset || early.has(slot) || seq <= (Number(fieldset.dataset.seq) || 0)) continue;
    outbox.startAfter(seq);
    write(fieldset, response);
    if (saved) strip.set(slot, response === null ? "empty" : "saved");
    else outbox.restore({ slot, seq, response });
  }
  for (const slot of early) outbox.add(slot, answerOf(slot));

  form.addEventListener("input", (event) => {
    const slot = page.slotOf(event);
    if (slot !== null) outbox.add(slot, answerOf(slot));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Enter in a field presses the first button, "save": nobody submits a test by that.
    if (event.submitter?.value !== "submit") outbox.flush();
    else askBeforeSubmitting(form, fieldsets, { submit, go: (slot) => strip.go(slot) });
  });
  window.addEventListener("online", () => outbox.flush());
  window.addEventListener("offline", () => outbox.lose());
  window.addEventListener("pagehide", () => leaving || outbox.leave());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => {
    if (leaving) return;
    if (document.visibilityState === "hidden") outbox.leave();
    else outbox.flush();
  });
  if (navigator.onLine) page.connection("online");
  else outbox.lose();
  form.dataset.enhanced = "";
}
