// Choosing rows faster: one box for all, x for the row one stands in, j and k to the next and last.
const sheet = document.querySelector("[data-sheet]");
const boxes = [...(sheet?.querySelectorAll("tbody input[type=checkbox]") ?? [])];
const place = sheet?.querySelector("[data-pick-all]"), told = sheet?.querySelector("[data-picked]");
const action = sheet?.querySelector("[name=action]");

function count() {
  const chosen = boxes.filter((each) => each.checked).length;
  told.textContent = chosen ? `(${chosen})` : "";
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

function fit() {
  for (const part of sheet.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(action.value);
}

function step(event) {
  if (event.target.closest("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = boxes.indexOf(event.target.closest("tr")?.querySelector("input"));
  const way = { j: 1, k: -1 }[event.key];
  if (way) boxes[Math.min(Math.max(here + way, 0), boxes.length - 1)].focus();
  if (event.key === "x" && here >= 0) {
    boxes[here].checked = !boxes[here].checked;
    count();
  }
}

const all = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input" });
if (sheet) {
  const label = Object.assign(document.createElement("label"), { className: "form-check" });
  label.append(all, Object.assign(document.createElement("span"), { className: "unseen", textContent: "Choose all on this page" }));
  place.append(label);
  all.addEventListener("change", () => { for (const each of boxes) each.checked = all.checked; count(); });
  sheet.addEventListener("change", () => { count(); fit(); });
  document.addEventListener("keydown", step);
  fit();
}
