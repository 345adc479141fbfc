/**
 * The exam page: saves each answer as it is given, shows the server's receipts, keeps time.
 * Without this script the page is one plain form with "save" and "submit".
 *
 * <form id="exam" class="exam" method="post" action="…" autocomplete="off"
 *   data-attempt="17"           the attempt's id: names what is kept on this device
 *   data-save-url  data-paper-url  data-submit-api  data-result-url
 *   data-server-time            ISO 8601, when the page was written
 *   data-deadline               ISO 8601, or empty for no limit
 *   data-time-zone              optional, for times of receipts: Asia/Ho_Chi_Minh
 *   data-one                    optional: one question at a time on wide screens too
 *   data-say-…                  the sentences, see below>
 *
 *   [data-strip]                an empty <ol class="strip">
 *   [data-clock]                the time left;   [data-now] the server's time of day
 *   [data-announce] role=status, for the warnings
 *   fieldset.question[data-slot="3"]#slot-3      data-seq: the number of the answer the
 *                               server holds, 0 for none
 *                               data-saved-at: ISO 8601 of its last receipt (or none)
 *       [data-status]           the receipt of this question;  [data-mark] a checkbox, no name
 *   [data-previous] [data-next] buttons (type=button)
 *   [data-connection] role=status   [data-receipt]
 *   [data-login] [data-result] links, hidden
 *   dialog[data-summary] with [data-summary-words], [data-summary-list] (an empty
 *       <ul class="strip">), [data-confirm] and [data-back] buttons (type=button)
 *   elements with data-plain are for the plain form only, with data-scripted for the script only
 *
 * data-say-   saved {number} {time}   sending   unsent   kept   refused {number}   late   elsewhere {number}
 *             online   offline   offline-unkept   back {count} (-one, -none)   login   closed
 *             now {time}   minutes {count} (-one)   left {time}   over   over-offline
 *             all-answered {total}   some-empty {count} (-one)   cannot-submit   submitting
 *             state-empty   state-answered   state-saved   state-refused   state-marked
 *
 * The server answers PUT data-save-url {"answers": [{slot, seq, response}], "events": [{kind, at}]}
 * by {"server_time", "deadline", "saved": [{slot, seq, saved_at}], "late": [slot]}; an empty list
 * asks the time. GET data-paper-url gives {"slots": [{slot, seq, response, saved_at}]}. POST
 * data-submit-api gives {"url"}, the page of the result.
 */
import { read, write } from "./exam/answers.js";
import { Clock } from "./exam/clock.js";
import { keeping as keepingOf } from "./exam/keeping.js";
import { Outbox } from "./exam/outbox.js";
import { Page } from "./exam/page.js";
import { Strip } from "./exam/strip.js";
import { askBeforeSubmitting } from "./exam/summary.js";
import { send } from "./sending.js";

const URGENT = 60;
const SPREAD = 5_000;

const form = document.getElementById("exam");
// A browser that cannot ask before submitting keeps the plain form.
if (form && window.HTMLDialogElement) start(form);

function start(form) {
  const page = new Page(form);
  const { fieldsets } = page;
  const keeping = keepingOf(Number(form.dataset.attempt));
  const strip = new Strip(form, fieldsets);
  const answerOf = (slot) => read(fieldsets.get(slot));
  const outbox = new Outbox({
    url: form.dataset.saveUrl,
    keeping,
    now: () => clock.now(),
    tell: (event, detail) => hear[event](detail),
  });
  let submitting = false;
  let leaving = false;
  let over = false;
  let late = false;
  // What is to be read before a test is submitted: `{ slot }`, where there is something to mend.
  let news = null;

  const hear = {
    changed({ slot }) {
      strip.set(slot, answerOf(slot) === null ? "empty" : "answered");
      waits(slot);
    },
    kept: ({ slot }) => waits(slot),
    saved({ slot, at }) {
      strip.set(slot, answerOf(slot) === null ? "empty" : "saved");
      page.lastReceipt(page.receipt(slot, at));
    },
    late({ slot }) {
      // Nobody is sent to the result any more.
      if (!late) news = {};
      late = true;
      page.status(slot, "late");
    },
    elsewhere: ({ slots }) => takeOver(slots),
    refused({ slot }) {
      strip.set(slot, "refused");
      page.status(slot, "refused");
      if (!over) news ??= { slot };
    },
    answered({ body }) {
      clock.set({ serverTime: body.server_time, deadline: body.deadline });
      if (late) page.connection("late");
      else if (!outbox.offline) page.connection("online");
      // Spread, because the time of a whole class is over at the same moment.
      if (over && !late && clock.left() <= 0) setTimeout(submit, Math.random() * SPREAD);
    },
    offline() {
      page.connection(keeping.works ? "offline" : "offline-unkept");
      for (const slot of outbox.slots) waits(slot);
    },
    back: ({ count }) => late || page.connection("back", { count }),
    login: () => page.connection("login"),
    closed() {
      page.connection("closed");
      leaving = true;
      location.assign(form.dataset.resultUrl);
    },
  };

  /** Say of an answer without a receipt where it is; "kept" is said of what the device holds. */
  function waits(slot) {
    if (outbox.offline) page.status(slot, outbox.isKept(slot) ? "kept" : "unsent");
    else page.status(slot, "sending");
  }

  /** Show what was answered later on another device: that counts. */
  async function takeOver(slots) {
    const { kind, body } = await send("GET", form.dataset.paperUrl);
    if (kind !== "ok") return void setTimeout(() => takeOver(slots), SPREAD);
    for (const { slot, response, saved_at: at } of body.slots) {
      if (!slots.includes(slot) || outbox.slots.includes(slot)) continue;
      write(fieldsets.get(slot), response);
      hear.saved({ slot, at });
    }
    page.announce("elsewhere", { number: slots.join(", ") });
  }

  /** Send what waits, then submit. False where there is no line: nothing was lost. */
  async function submit() {
    if (submitting || leaving) return true;
    submitting = true;
    news = null;
    let kind = await outbox.drain();
    let body = null;
    if (kind === "ok" && !news) ({ kind, body } = await send("POST", form.dataset.submitApi));
    submitting = false;
    // What the time submits is tried again with the next answer of the server.
    if (kind !== "ok" && over) setTimeout(() => outbox.flush(), SPREAD);
    if (kind === "login") page.connection("login");
    if (news || kind === "login") {
      form.querySelector("dialog[data-summary]").close();
      if (news?.slot) strip.go(news.slot);
      return true;
    }
    if (kind !== "ok") return leaving;
    leaving = true;
    strip.forgetMarks();
    // There what is kept on this device is sent or forgotten (leftovers.js).
    location.assign(body.url);
    return true;
  }

  function ask() {
    const states = [...fieldsets.keys()].map((slot) => [
      slot,
      strip.state(slot) === "refused" || answerOf(slot) !== null ? strip.state(slot) : "empty",
    ]);
    const missing = states.filter(([, state]) => ["empty", "refused"].includes(state));
    const go = (slot) => strip.go(slot);
    askBeforeSubmitting(form, { missing, total: fieldsets.size, submit, go });
  }

  const clock = new Clock({
    serverTime: form.dataset.serverTime,
    deadline: form.dataset.deadline ?? "",
    tick(left) {
      outbox.urgent = left <= URGENT;
      page.timeLeft(left);
    },
    warn: (count) => page.announce("minutes", { count }),
    last: () => outbox.rush(),
    async zero() {
      over = true;
      page.announce("over");
      // The server may have given more time: its answer sets the clock before this decides.
      const kind = await outbox.rush();
      if (clock.left() > 0) {
        over = false;
        page.announce("minutes", { count: Math.ceil(clock.left() / 60) });
      } else if (kind === "offline") {
        page.announce("over-offline");
      }
    },
  });
  setInterval(() => page.now(clock.now()), 1000);

  // What the server holds, then what this device knows better.
  for (const [slot, fieldset] of fieldsets) {
    outbox.startAfter(Number(fieldset.dataset.seq) || 0);
    strip.set(slot, fieldset.dataset.savedAt && answerOf(slot) !== null ? "saved" : "empty");
    if (fieldset.dataset.savedAt) page.receipt(slot, fieldset.dataset.savedAt);
  }
  const touched = new Set();
  keeping.found.then(({ answers, events }) => {
    for (const { slot, seq, response } of answers) {
      const fieldset = fieldsets.get(slot);
      // What is touched while the device's store opens is answered later than anything in it.
      if (!fieldset || touched.has(slot) || seq <= (Number(fieldset.dataset.seq) || 0)) continue;
      write(fieldset, response);
      outbox.restore({ slot, seq, response });
    }
    outbox.restoreEvents(events);
  });

  form.addEventListener("input", (event) => {
    const slot = page.slotOf(event);
    if (slot === null) return;
    touched.add(slot);
    outbox.add(slot, answerOf(slot));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Enter in a field presses the first button, "save": nobody submits a test by that.
    if (event.submitter?.value !== "submit") outbox.flush();
    else ask();
  });
  window.addEventListener("online", () => outbox.flush());
  window.addEventListener("offline", () => outbox.lose());
  window.addEventListener("pagehide", () => leaving || outbox.leave());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => {
    if (leaving) return;
    if (document.visibilityState === "hidden") {
      outbox.note("left");
      outbox.leave();
    } else {
      outbox.note("returned");
      outbox.flush();
    }
  });
  if (navigator.onLine) page.connection("online");
  else outbox.lose();
  form.dataset.enhanced = "";
}
