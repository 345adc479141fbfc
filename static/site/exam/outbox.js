/**
 * Sends answers and events in batches and keeps each until the server's receipt.
 *
 * `new Outbox({ url, keeping, now, tell })`; `now()` is the server's time in milliseconds;
 * `tell(event, detail)` hears
 *   "changed"   { slot }                waits to be sent
 *   "kept"      { slot }                waits, and would survive the page (see `isKept`)
 *   "saved"     { slot, at }            the server has it; `at` is the server's time
 *   "late"      { slot }                the server has it as evidence: the time was over
 *   "elsewhere" { slots }               answered later on another device or in another window
 *   "refused"   { slot }                the server will not take this answer
 *   "answered"  { body }                any good answer of the server (its time, the deadline)
 *   "offline"                           once, when the line is lost
 *   "back"      { count }               once, when it is there again
 *   "login", "closed"
 * A receipt counts only for the sequence number it names: an answer changed meanwhile goes again.
 *
 * Sequence numbers are the server's time of the change, so that of two devices the later answer
 * wins, whichever line is back first.
 */
import { send } from "../sending.js";

const GATHER = 1_500;
const FIRST_RETRY = 2_000;
const LAST_RETRY = 30_000;
const URGENT_RETRY = 3_000;
const MOST_EVENTS = 50;
// Bytes that a browser carries on after the page is gone.
const MOST_WHEN_LEAVING = 60_000;

export class Outbox {
  #waiting = new Map();
  #kept = new Map();
  #events = new Map();
  #flying = null;
  #timer = null;
  #failures = 0;
  #seq = 0;

  constructor({ url, keeping, now, tell }) {
    Object.assign(this, { url, keeping, now, tell, offline: false, urgent: false });
  }

  /** Numbers already used, by the server or by this device; the next is higher. */
  startAfter(seq) {
    this.#seq = Math.max(this.#seq, seq);
  }

  get slots() {
    return [...this.#waiting.keys()];
  }

  /** Whether what waits of this question is written on the device, not only in the page. */
  isKept(slot) {
    return this.#waiting.has(slot) && this.#kept.get(slot) === this.#waiting.get(slot).seq;
  }

  async add(slot, response) {
    const seq = Math.max(this.#seq + 1, Math.floor(this.now()));
    this.#wait({ slot, seq, response });
    await this.keeping.answer({ slot, seq, response, saved: false });
    if (!this.keeping.works) return;
    this.#kept.set(slot, seq);
    if (this.isKept(slot)) this.tell("kept", { slot });
  }

  /** What the device has kept from before. */
  restore({ slot, seq, response }) {
    this.#kept.set(slot, seq);
    this.#wait({ slot, seq, response });
  }

  #wait({ slot, seq, response }) {
    this.startAfter(seq);
    this.#waiting.set(slot, { slot, seq, response });
    this.tell("changed", { slot });
    this.#sendIn(this.#failures ? null : GATHER);
  }

  /** kind: offline, back, left or returned; goes with the next batch. */
  note(kind) {
    const event = { kind, at: new Date().toISOString() };
    this.restoreEvents([event]);
    this.keeping.event(event);
  }

  restoreEvents(events) {
    for (const { kind, at } of events) this.#events.set(`${kind} ${at}`, { kind, at });
  }

  /** Send now, one request at a time; with nothing to send, ask the time. Returns the kind. */
  async flush() {
    while (this.#flying) await this.#flying;
    this.#flying = this.#deliver(...this.#batch());
    try {
      return await this.#flying;
    } finally {
      this.#flying = null;
    }
  }

  /** Send what waits now, also if an earlier request hangs: the time is nearly over. */
  rush() {
    return this.#deliver(...this.#batch());
  }

  /** Send until nothing waits: "ok", or the kind that stopped it. */
  async drain() {
    for (let round = 0; round < 3; round += 1) {
      const kind = await this.flush();
      if (kind !== "ok" || !this.#waiting.size) return kind;
    }
    return "offline";
  }

  /** The page may be gone in a moment: send what waits and do not wait for the answer. */
  leave() {
    const batch = this.#batch();
    if (!this.#waiting.size && !this.#events.size) return;
    const keepalive = new Blob([JSON.stringify(batch)]).size < MOST_WHEN_LEAVING;
    this.#deliver(...batch, { keepalive });
  }

  /** The line is gone; said once. */
  lose() {
    if (this.offline) return;
    this.offline = true;
    this.note("offline");
    this.tell("offline");
  }

  #batch() {
    return [[...this.#waiting.values()], [...this.#events.values()].slice(0, MOST_EVENTS)];
  }

  #sendIn(delay) {
    if (delay === null || this.#timer) return;
    this.#timer = setTimeout(() => this.flush(), delay);
  }

  async #deliver(answers, events, options) {
    clearTimeout(this.#timer);
    this.#timer = null;
    const content = events.length ? { answers, events } : { answers };
    const { kind, body, wait } = await send("PUT", this.url, content, options);
    if (kind === "ok") {
      this.#receive(answers, events, body);
    } else if (kind === "offline") {
      this.#retry(wait);
    } else if (kind === "refused") {
      return this.#sortOut(answers, events, options);
    } else {
      this.tell(kind);
      if (kind === "login") this.#sendIn(LAST_RETRY);
    }
    return kind;
  }

  /** One bad answer must not hold back the others. */
  async #sortOut(answers, events, options) {
    if (answers.length + Math.min(events.length, 1) > 1) {
      const parts = answers.map((answer) => [[answer], []]);
      if (events.length) parts.push([[], events]);
      for (const part of parts) {
        const kind = await this.#deliver(...part, options);
        if (kind !== "ok") return kind;
      }
    } else if (answers.length || events.length) {
      this.#forget(events);
      this.#drop(answers);
      // There is a line, though this was no receipt: go on as with one.
      this.#sendIn(0);
    }
    return "ok";
  }

  #receive(answers, events, body) {
    this.#failures = 0;
    this.#forget(events);
    const receipts = body.saved ?? [];
    const elsewhere = [];
    for (const { slot, seq, saved_at: at } of receipts) {
      const answer = this.#waiting.get(slot);
      if (!answer || seq < answer.seq) continue;
      this.startAfter(seq);
      this.#settle(answer);
      if (seq > answer.seq) elsewhere.push(slot);
      else this.tell("saved", { slot, at });
    }
    for (const sent of answers) {
      const late = body.late?.includes(sent.slot);
      if (!late || this.#waiting.get(sent.slot)?.seq !== sent.seq) continue;
      this.#settle(sent);
      this.tell("late", { slot: sent.slot });
    }
    if (elsewhere.length) this.tell("elsewhere", { slots: elsewhere });
    this.tell("answered", { body });
    if (this.offline) {
      this.offline = false;
      this.note("back");
      this.tell("back", { count: receipts.length });
    }
    const unreceipted = answers.some(({ slot, seq }) => this.#waiting.get(slot)?.seq === seq);
    // Won by a save at the same moment: sent again, its receipt says what is held.
    if (unreceipted) this.#sendIn(FIRST_RETRY);
    else if (this.#waiting.size || this.#events.size) this.#sendIn(GATHER);
  }

  #settle(answer) {
    this.#waiting.delete(answer.slot);
    this.keeping.answer({ ...answer, saved: true });
  }

  #forget(events) {
    for (const { kind, at } of events) this.#events.delete(`${kind} ${at}`);
    if (events.length) this.keeping.eventsSent(events);
  }

  #drop([answer]) {
    if (!answer || this.#waiting.get(answer.slot)?.seq !== answer.seq) return;
    this.#waiting.delete(answer.slot);
    this.tell("refused", { slot: answer.slot });
  }

  #retry(wait) {
    this.lose();
    const most = this.urgent ? URGENT_RETRY : LAST_RETRY;
    const backoff = Math.min(FIRST_RETRY * 2 ** this.#failures, most);
    this.#failures += 1;
    // Spread, because a whole office comes back at the same moment.
    this.#sendIn(Math.max(wait, backoff * (0.75 + Math.random() / 2)));
  }
}
