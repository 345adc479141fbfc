/**
 * Before submitting: what is still empty, in a dialog; each number leads back to its question.
 *
 * `submit()` resolves to false when there is no line; then nothing was lost and one can go on.
 */
import { read } from "./answers.js";
import { say, show } from "../words.js";

export function askBeforeSubmitting(form, fieldsets, { submit, go }) {
  const dialog = form.querySelector("dialog[data-summary]");
  const words = dialog.querySelector("[data-summary-words]");
  const confirm = dialog.querySelector("[data-confirm]");
  const empty = [...fieldsets.keys()].filter((slot) => read(fieldsets.get(slot)) === null);

  show(
    words,
    empty.length
      ? say(form, "some-empty", { count: empty.length })
      : say(form, "all-answered", { total: fieldsets.size }),
  );
  dialog.querySelector("[data-summary-list]").replaceChildren(
    ...empty.map((slot) => linkTo(slot, say(form, "state-empty"), () => {
      dialog.close();
      go(slot);
    })),
  );
  dialog.querySelector("[data-back]").onclick = () => dialog.close();
  confirm.disabled = false;
  confirm.onclick = async () => {
    confirm.disabled = true;
    show(words, say(form, "submitting"));
    if (await submit()) return;
    show(words, say(form, "cannot-submit"));
    confirm.disabled = false;
  };
  dialog.showModal();
}

function linkTo(slot, state, follow) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const words = document.createElement("span");
  link.href = `#slot-${slot}`;
  words.className = "state";
  words.textContent = state;
  link.append(`${slot} `, words);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    follow();
  });
  item.append(link);
  return item;
}
