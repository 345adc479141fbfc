/**
 * The strip of question numbers with their states in words, the marks "look again", and one
 * question at a time where the screen is small.
 *
 * Builds the strip in `[data-strip]`; uses `[data-previous]`, `[data-next]`, and `[data-mark]` in
 * each question. Says: state-empty, state-answered, state-saved, state-refused, state-marked.
 * Marks are a note to oneself and stay on this device.
 */
import { say, show } from "../words.js";

export class Strip {
  #cells = new Map();

  constructor(form, fieldsets) {
    Object.assign(this, { form, fieldsets, key: `exam-${form.dataset.attempt}-marks` });
    this.slots = [...fieldsets.keys()];
    this.marks = new Set(this.#readMarks());
    const list = form.querySelector("[data-strip]");
    for (const slot of this.slots) list.append(this.#cell(slot));

    for (const [step, name] of [[-1, "previous"], [1, "next"]]) {
      const button = form.querySelector(`[data-${name}]`);
      button?.addEventListener("click", () => this.go(this.#beside(step)));
    }
    for (const [slot, fieldset] of fieldsets) {
      fieldset.tabIndex = -1;
      fieldset.addEventListener("focusin", () => this.#point(slot));
      const box = fieldset.querySelector("[data-mark]");
      if (!box) continue;
      box.checked = this.marks.has(slot);
      box.addEventListener("change", () => this.#mark(slot, box.checked));
    }
    this.#point(this.#fromAddress() ?? this.slots[0]);
  }

  /** state: "empty", "answered", "saved" or "refused". */
  set(slot, state) {
    const cell = this.#cells.get(slot);
    cell.dataset.state = state;
    this.#write(slot);
  }

  state(slot) {
    return this.#cells.get(slot).dataset.state;
  }

  /** Make a question the current one and take the reader there. */
  go(slot) {
    const fieldset = this.fieldsets.get(slot);
    if (!fieldset) return;
    this.#point(slot);
    fieldset.focus({ preventScroll: true });
    fieldset.scrollIntoView({ block: "start" });
    // A reload comes back to the same question.
    history.replaceState(null, "", `#slot-${slot}`);
  }

  #point(slot) {
    if (slot === this.current) return;
    this.fieldsets.get(this.current)?.removeAttribute("data-current");
    this.#cells.get(this.current)?.removeAttribute("aria-current");
    this.current = slot;
    this.fieldsets.get(slot).dataset.current = "";
    const cell = this.#cells.get(slot);
    cell.setAttribute("aria-current", "step");
    const list = cell.closest("[data-strip]");
    list.scrollLeft = cell.offsetLeft - (list.clientWidth - cell.offsetWidth) / 2;
    for (const [step, name] of [[-1, "previous"], [1, "next"]]) {
      const button = this.form.querySelector(`[data-${name}]`);
      if (button) button.disabled = this.#beside(step) === undefined;
    }
  }

  #beside(step) {
    return this.slots[this.slots.indexOf(this.current) + step];
  }

  #fromAddress() {
    const slot = Number(/^#slot-(\d+)$/.exec(location.hash)?.[1]);
    return this.fieldsets.has(slot) ? slot : undefined;
  }

  #cell(slot) {
    const item = document.createElement("li");
    const cell = document.createElement("a");
    const state = document.createElement("span");
    cell.href = `#slot-${slot}`;
    state.className = "state";
    cell.append(`${slot} `, state);
    cell.addEventListener("click", (event) => {
      event.preventDefault();
      this.go(slot);
    });
    item.append(cell);
    this.#cells.set(slot, cell);
    return item;
  }

  #mark(slot, marked) {
    if (marked) this.marks.add(slot);
    else this.marks.delete(slot);
    try {
      localStorage.setItem(this.key, JSON.stringify([...this.marks]));
    } catch {
      // Without storage the marks last as long as the page.
    }
    this.#write(slot);
  }

  #readMarks() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  forgetMarks() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was stored.
    }
  }

  #write(slot) {
    const cell = this.#cells.get(slot);
    const marked = this.marks.has(slot);
    cell.toggleAttribute("data-marked", marked);
    const state = say(this.form, `state-${cell.dataset.state}`);
    const mark = say(this.form, "state-marked");
    show(cell.querySelector(".state"), marked ? mark : state);
    cell.setAttribute("aria-label", [`${slot}: ${state}`, marked && mark].filter(Boolean).join(", "));
  }
}
