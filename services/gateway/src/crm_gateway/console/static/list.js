// Choosing rows faster: one box for all, x for the row one stands in, j and k to the next and last.
const all = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input" });
let sheet = null, boxes = [];

function count() {
  const chosen = boxes.filter((each) => each.checked).length;
  sheet.querySelector("[data-picked]").textContent = chosen ? `(${chosen})` : "";
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

function fit() {
  const action = sheet.querySelector("[name=action]");
  for (const part of sheet.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(action.value);
}

function step(event) {
  if (!sheet || event.target.closest("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = boxes.indexOf(event.target.closest("tr")?.querySelector("input"));
  const way = { j: 1, k: -1 }[event.key];
  if (way) boxes[Math.min(Math.max(here + way, 0), boxes.length - 1)].focus();
  if (event.key === "x" && here >= 0) {
    boxes[here].checked = !boxes[here].checked;
    count();
  }
}

// Again whenever the list was renewed: its rows are others.
function begin() {
  const found = document.querySelector("[data-sheet]");
  if (found === sheet) return;
  sheet = found;
  boxes = [...(sheet?.querySelectorAll("tbody input[type=checkbox]") ?? [])];
  if (!sheet) return;
  const label = Object.assign(document.createElement("label"), { className: "form-check" });
  label.append(all, Object.assign(document.createElement("span"), { className: "unseen", textContent: "Choose all on this page" }));
  sheet.querySelector("[data-pick-all]").replaceChildren(label);
  sheet.addEventListener("change", () => { count(); fit(); });
  count();
  fit();
}

all.addEventListener("change", () => { for (const each of boxes) each.checked = all.checked; count(); });
document.addEventListener("keydown", step);
document.addEventListener("renewed", begin);
begin();
