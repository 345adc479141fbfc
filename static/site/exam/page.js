/** What the exam page shows in words: receipts, connection, time left. Reads no answer itself. */
import { say, show, timeOfDay } from "../words.js";

const CALM_UNTIL = 300;

export class Page {
  constructor(form) {
    this.form = form;
    this.fieldsets = new Map(
      [...form.querySelectorAll("fieldset[data-slot]")].map((fieldset) => [
        Number(fieldset.dataset.slot),
        fieldset,
      ]),
    );
  }

  /** The slot whose answer an event changed; null for marks and everything else. */
  slotOf({ target }) {
    const fieldset = target.name && target.closest("fieldset[data-slot]");
    return fieldset ? Number(fieldset.dataset.slot) : null;
  }

  status(slot, name) {
    this.#status(slot, name, say(this.form, name, { number: slot }));
  }

  receipt(slot, at) {
    const sentence = say(this.form, "saved", { number: slot, time: timeOfDay(this.form, at) });
    this.#status(slot, "saved", sentence);
    return sentence;
  }

  lastReceipt(sentence) {
    show(this.#part("receipt"), sentence);
  }

  /** state: online, offline, offline-unkept, back, login, late or closed. */
  connection(state, values) {
    const line = this.#part("connection");
    show(line, say(this.form, state, values));
    line?.setAttribute("data-state", state);
    this.#part("login")?.toggleAttribute("hidden", state !== "login");
    this.#part("result")?.toggleAttribute("hidden", state !== "late");
  }

  /** The server's time of day, from milliseconds. */
  now(moment) {
    show(this.#part("now"), say(this.form, "now", { time: timeOfDay(this.form, moment) }));
  }

  /** Whole minutes while there is plenty, then minutes and seconds. */
  timeLeft(left) {
    const clock = this.#part("clock");
    const late = left <= CALM_UNTIL;
    clock?.toggleAttribute("data-late", late);
    if (left === Infinity) show(clock, "");
    else if (left <= 0) show(clock, say(this.form, "over"));
    else if (late) show(clock, say(this.form, "left", { time: minutesAndSeconds(left) }));
    else show(clock, say(this.form, "minutes", { count: Math.ceil(left / 60) }));
  }

  announce(name, values) {
    show(this.#part("announce"), say(this.form, name, values));
  }

  #status(slot, state, sentence) {
    const line = this.fieldsets.get(slot)?.querySelector("[data-status]");
    show(line, sentence);
    line?.setAttribute("data-state", state);
  }

  #part(name) {
    return this.form.querySelector(`[data-${name}]`);
  }
}

function minutesAndSeconds(left) {
  const seconds = Math.ceil(left);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
