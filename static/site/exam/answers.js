/**
 * Reads and writes the raw response of one question, a `<fieldset data-slot="3">`.
 *
 *   radios named slot-3             an integer, the option's id
 *   checkboxes named slot-3         a list of integers
 *   selects named slot-3-<item id>  an object { item id: option id }, chosen items only
 *   one text input or textarea named slot-3    a string, as typed
 * An empty answer is null. Hidden fields are for the plain form only.
 */
const TEXTS = "input[name]:not([type=hidden]), textarea[name]";

export function read(fieldset) {
  const selects = [...fieldset.querySelectorAll("select[name]")];
  if (selects.length) {
    const prefix = `slot-${fieldset.dataset.slot}-`;
    const chosen = selects.filter((select) => select.value !== "");
    const pairs = chosen.map((select) => [select.name.slice(prefix.length), Number(select.value)]);
    return pairs.length ? Object.fromEntries(pairs) : null;
  }
  const boxes = [...fieldset.querySelectorAll("input[type=checkbox][name]")];
  if (boxes.length) {
    const ticked = boxes.filter((box) => box.checked).map((box) => Number(box.value));
    return ticked.length ? ticked : null;
  }
  const radios = [...fieldset.querySelectorAll("input[type=radio][name]")];
  if (radios.length) {
    const picked = radios.find((radio) => radio.checked);
    return picked ? Number(picked.value) : null;
  }
  return fieldset.querySelector(TEXTS)?.value.trim() || null;
}

export function write(fieldset, response) {
  for (const control of fieldset.querySelectorAll(`select[name], ${TEXTS}`)) {
    if (control.type === "radio") {
      control.checked = Number(control.value) === response;
    } else if (control.type === "checkbox") {
      control.checked = (response ?? []).includes(Number(control.value));
    } else if (control.tagName === "SELECT") {
      const item = control.name.slice(`slot-${fieldset.dataset.slot}-`.length);
      control.value = response?.[item] ?? "";
    } else {
      control.value = response ?? "";
    }
  }
}
