// The sheet on which the fields of a certificate are moved. The numbers in the form are the truth:
// what is dragged or pushed by keys is written there, and the server draws what stands there.

const WIDTH = 297;
const HEIGHT = 210;
const form = document.querySelector("form.designer");
const sheet = document.querySelector("#sheet");
const picture = sheet.querySelector(".sheet-picture");
const layer = sheet.querySelector(".sheet-fields");
const said = document.querySelector(".sheet-said");
const problems = document.querySelector(".sheet-problems ul");
const fits = document.querySelector(".sheet-fits");
const boxes = [];

document.querySelector("#sheet-keys").hidden = false;
for (const details of form.querySelectorAll("details.field")) boxes.push(newBox(details));

function newBox(details) {
  const input = (name) => form.elements[`${details.dataset.field}-${name}`];
  const element = document.createElement("button");
  element.type = "button";
  element.className = "box";
  const handle = document.createElement("span");
  handle.className = "box-handle";
  element.append(handle);
  layer.append(element);
  const box = { details, input, element, handle, square: details.dataset.kind === "qr" };
  element.addEventListener("keydown", (event) => push(box, event));
  element.addEventListener("focus", () => choose(box));
  element.addEventListener("dblclick", () => input("name").focus());
  element.addEventListener("pointerdown", (event) => drag(box, event));
  details.addEventListener("focusin", () => mark(box));
  return box;
}

function length(box, name) {
  const field = box.input(box.square && name === "height" ? "width" : name);
  return Number.parseFloat(field?.value) || 0;
}

function write(box, name, millimetres) {
  const field = box.input(name);
  if (field) field.value = String(Math.round(millimetres * 10) / 10);
}

function move(box, x, y) {
  write(box, "x", Math.min(Math.max(0, x), WIDTH - length(box, "width")));
  write(box, "y", Math.min(Math.max(0, y), HEIGHT - length(box, "height")));
}

function resize(box, width, height) {
  const least = { qr: 30, rule: 0.1 }[box.details.dataset.kind] ?? 2;
  const widest = box.square
    ? Math.min(WIDTH - length(box, "x"), HEIGHT - length(box, "y"))
    : WIDTH - length(box, "x");
  write(box, "width", Math.min(Math.max(box.square ? 30 : 2, width), widest));
  if (!box.square) {
    write(box, "height", Math.min(Math.max(least, height), HEIGHT - length(box, "y")));
  }
}

function place(box) {
  const { style } = box.element;
  style.left = `${(length(box, "x") / WIDTH) * 100}%`;
  style.top = `${(length(box, "y") / HEIGHT) * 100}%`;
  style.width = `${(length(box, "width") / WIDTH) * 100}%`;
  style.height = `${(length(box, "height") / HEIGHT) * 100}%`;
  box.element.hidden = box.input("DELETE").checked;
  const name = box.input("name").value;
  box.details.querySelector(".field-name").textContent = name;
  box.element.setAttribute("aria-label", describe(box));
}

function describe(box) {
  const values = {
    NAME: box.input("name").value,
    X: length(box, "x"),
    Y: length(box, "y"),
    WIDTH: length(box, "width"),
    HEIGHT: length(box, "height"),
  };
  return said.dataset.said.replace(/\b(NAME|X|Y|WIDTH|HEIGHT)\b/g, (word) => values[word]);
}

function changed(box) {
  place(box);
  said.textContent = describe(box);
  drawSoon();
}

function push(box, event) {
  if (event.key === "Enter") {
    event.preventDefault();
    box.input("name").focus();
    return;
  }
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  if (!way || event.altKey || event.metaKey) return;
  event.preventDefault();
  const [right, down] = way.map((step) => step * (event.shiftKey ? 10 : 1));
  if (event.ctrlKey) {
    resize(box, length(box, "width") + right, length(box, "height") + down);
  } else {
    move(box, length(box, "x") + right, length(box, "y") + down);
  }
  changed(box);
}

function drag(box, event) {
  if (event.button !== 0) return;
  event.preventDefault();
  box.element.focus({ preventScroll: true });
  const sizing = event.target === box.handle;
  const start = { x: event.clientX, y: event.clientY };
  const [first, second] = (sizing ? ["width", "height"] : ["x", "y"]).map((name) =>
    length(box, name),
  );
  const perPixel = WIDTH / sheet.clientWidth;
  const follow = (moved) => {
    const half = (millimetres) => Math.round(millimetres * 2) / 2;
    const right = half((moved.clientX - start.x) * perPixel);
    const down = half((moved.clientY - start.y) * perPixel);
    if (!right && !down) return;
    (sizing ? resize : move)(box, first + right, second + down);
    changed(box);
  };
  const stop = () => box.element.removeEventListener("pointermove", follow);
  box.element.setPointerCapture(event.pointerId);
  box.element.addEventListener("pointermove", follow);
  box.element.addEventListener("lostpointercapture", stop, { once: true });
}

function mark(box) {
  for (const one of boxes) {
    one.element.classList.toggle("current", one === box);
    one.details.classList.toggle("current", one === box);
  }
}

function choose(box) {
  mark(box);
  for (const one of boxes) one.details.open = one === box;
  box.details.scrollIntoView({ block: "nearest" });
  said.textContent = describe(box);
}

let unsaved = "unsaved" in form.dataset;
let waiting;
let asking;

function drawSoon() {
  unsaved = true;
  clearTimeout(waiting);
  waiting = setTimeout(draw, 400);
}

async function draw() {
  asking?.abort();
  asking = new AbortController();
  sheet.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      signal: asking.signal,
    });
    if (response.ok) show(await response.json());
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  sheet.removeAttribute("aria-busy");
}

function show(drawn) {
  if (drawn.picture) {
    picture.src = drawn.picture;
    picture.hidden = false;
  }
  fits.hidden = drawn.problems.length > 0;
  problems.replaceChildren(
    ...drawn.problems.map((problem) => {
      const line = document.createElement("li");
      line.textContent = problem;
      return line;
    }),
  );
}

function typed() {
  boxes.forEach(place);
  const current = boxes.find((box) => box.details.classList.contains("current"));
  if (current) said.textContent = describe(current);
  drawSoon();
}

// Enter would press the first button, which saves.
function hold(event) {
  if (event.key === "Enter" && event.target.matches("input, select")) event.preventDefault();
}

form.addEventListener("input", typed);
form.addEventListener("change", typed);
form.addEventListener("keydown", hold);
form.addEventListener("submit", () => {
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
boxes.forEach(place);
// A field that was just added, or one with something wrong, is open.
const opened = boxes.find((box) => box.details.open);
if (opened) choose(opened);
