// Keys: j and k go to the next and last task, d ticks it off; on a board [ and ] move the focused one.
const isTyping = (target) => target.closest("input, textarea, select");
const lines = () => [...document.querySelectorAll("[data-tasks] .task-line:not(.more)")];

function step(way) {
  const all = lines(), here = all.indexOf(document.activeElement?.closest(".task-line"));
  all[Math.min(Math.max(here + way, 0), all.length - 1)]?.querySelector("a").focus();
}

function move(card, way) {
  const select = card.querySelector("select[name=column_id]");
  if (!select || !select.options[select.selectedIndex + way]) return;
  select.selectedIndex += way;
  select.form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = { j: 1, k: -1 }[event.key], side = { "]": 1, "[": -1 }[event.key];
  const line = event.target.closest(".task-line"), card = event.target.closest("[data-board] .deal");
  if (way && lines().length) step(way);
  if (event.key === "d" && line) line.querySelector(".tick:not(:disabled)")?.form.requestSubmit();
  if (side && card) move(card, side);
});

const moved = location.hash.startsWith("#task-") && document.getElementById(location.hash.slice(1));
if (moved?.tabIndex === 0) moved.focus();
