/**
 * Before submitting: what is still empty or not saved, in a dialog; each number leads back to its
 * question.
 *
 * `missing` are pairs of a slot and its state; `submit()` resolves to false when there is no line;
 * then nothing was lost and one can go on.
 */
import { say, show } from "../words.js";

export function askBeforeSubmitting(form, { missing, total, submit, go }) {
  const dialog = form.querySelector("dialog[data-summary]");
  const words = dialog.querySelector("[data-summary-words]");
  const confirm = dialog.querySelector("[data-confirm]");

  show(
    words,
    missing.length
      ? say(form, "some-empty", { count: missing.length })
      : say(form, "all-answered", { total }),
  );
  dialog.querySelector("[data-summary-list]").replaceChildren(
    ...missing.map(([slot, state]) => linkTo(slot, state, say(form, `state-${state}`), () => {
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

function linkTo(slot, state, said, follow) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const words = document.createElement("span");
  link.href = `#slot-${slot}`;
  words.className = "state";
  words.textContent = said;
  link.dataset.state = state;
  link.append(`${slot} `, words);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    follow();
  });
  item.append(link);
  return item;
}
