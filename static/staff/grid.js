// In a grid of marks Enter goes from field to field and the arrows from learner to learner;
// without this, Tab does.

const fields = [...document.querySelectorAll(".marks-grid input[type=text]")];

function step(event) {
  const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const { column } = event.target.dataset;
  const way = event.key === "Enter" ? fields : fields.filter((one) => one.dataset.column === column);
  const next = way[way.indexOf(event.target) + by];
  if (next) {
    next.focus();
    next.select();
  }
}

for (const field of fields) field.addEventListener("keydown", step);
