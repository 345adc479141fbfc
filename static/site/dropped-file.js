/**
 * A form that takes a file dropped onto it, and is sent as soon as there is one.
 * Without this script the file is chosen and the button pressed.
 *
 * <form data-drop>  with an input[type=file]
 */
document.querySelectorAll("form[data-drop]").forEach(start);

function start(form) {
  const field = form.querySelector("input[type=file]");

  const mark = (over) => form.classList.toggle("dropping", over);
  field.addEventListener("change", () => field.files.length && form.requestSubmit());
  form.addEventListener("dragover", (event) => {
    event.preventDefault(); // else the browser opens the file instead of this page
    mark(true);
  });
  form.addEventListener("dragleave", () => mark(false));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length !== 1) return;
    field.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
