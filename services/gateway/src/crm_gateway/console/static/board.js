// Moving deals in place: by drag, by [ and ], or by the card's own form.
import { parse, replace, say } from "./fragments.js";

const columns = [...document.querySelectorAll(".cards")];
const cardOf = (target) => target.closest?.(".deal");
let last = Promise.resolve();
// One move after the other: the next needs the version the one before has made.
const inTurn = (id, job) => { last = last.then(() => job(document.getElementById(id))); };
const columnOf = (stage) => columns.find((each) => each.dataset.stage === stage);

async function ask(title) {
  const dialog = document.getElementById("ask"), box = document.getElementById("ask-reason");
  document.getElementById("ask-title").textContent = title;
  box.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  return dialog.returnValue === "move" ? box.value.trim() : "";
}

async function reasonFor(form, column) {
  const given = form.elements.reason.value.trim();
  if (given) return given;
  const isOpen = form.elements.status.value === "open";
  if (isOpen && column.dataset.category !== "lost") return null;
  return ask(isOpen ? `Why is it ${column.dataset.name.toLowerCase()}?` : "Why is it worked on again?");
}

async function move(card, stage) {
  const form = card.querySelector("form"), column = columnOf(stage), back = columnOf(card.dataset.stageId);
  if (stage === card.dataset.stageId) return;
  const reason = await reasonFor(form, column);
  if (reason === "") return place(card, back);
  place(card, column);
  const body = new FormData(form);
  body.set("stage_id", stage);
  if (reason) body.set("reason", reason);
  card.setAttribute("aria-busy", "true");
  try {
    const sent = { method: "POST", body, headers: { "X-Requested-With": "fetch" } };
    settle(card, back, parse(await (await fetch(form.action, sent)).text()));
  } catch {
    place(card, back);
    card.removeAttribute("aria-busy");
    say("The server does not answer. The deal stays where it was; try again in a moment.");
  }
}

function settle(card, back, answer) {
  const reason = answer.querySelector("[data-reason]"), fresh = answer.querySelector(".deal");
  const stays = columnOf(fresh?.dataset.stageId) ?? back;
  card.removeAttribute("aria-busy");
  if (card.parentElement !== stays) place(card, stays);
  const isFocused = card.contains(document.activeElement) || document.activeElement === document.body;
  if (fresh) replace(card, document.adoptNode(fresh));
  for (const sum of answer.querySelectorAll(".stage-sum")) {
    const shown = document.getElementById(sum.id);
    if (shown) replace(shown, document.adoptNode(sum));
  }
  const name = stays.dataset.name;
  say(reason ? `The deal stays in ${name}. ${reason.textContent}` : fresh ? `Moved to ${name}.` : "Reload the page: you may have to sign in again.");
  if (isFocused) fresh?.focus({ preventScroll: true });
}

function place(card, column) {
  if (!column || column.firstElementChild === card) return;
  const hadFocus = card.contains(document.activeElement);
  column.prepend(card);
  if (hadFocus) card.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const card = cardOf(event.target);
  if (!card || event.target !== card || event.ctrlKey || event.metaKey) return;
  const step = { "[": -1, "]": 1 }[event.key];
  const menu = card.querySelector("details");
  if (step) {
    inTurn(card.id, (now) => {
      const next = columns[columns.indexOf(columnOf(now.dataset.stageId)) + step];
      return next && move(now, next.dataset.stage);
    });
  } else if (event.key === "m") {
    event.preventDefault();
    menu.open = true;
    menu.querySelector("select").focus();
  }
});

document.addEventListener("submit", (event) => {
  const card = cardOf(event.target);
  if (!card) return;
  event.preventDefault();
  card.querySelector("details").open = false;
  card.focus({ preventScroll: true });
  const stage = event.target.elements.stage_id.value;
  inTurn(card.id, (now) => move(now, stage));
});

for (const column of columns) {
  window.Sortable?.create(column, {
    group: "deals", draggable: ".deal", filter: "details, a", preventOnFilter: false, animation: 150,
    delay: 150, delayOnTouchOnly: true, sort: false, ghostClass: "deal-ghost",
    onEnd: ({ item, to }) => inTurn(item.id, (now) => move(now, to.dataset.stage)),
  });
}
