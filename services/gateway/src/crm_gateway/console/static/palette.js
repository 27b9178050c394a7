// Ctrl+K, or /: anything there is and anything one may do, by keyboard. Without this, /go is a page.
const dialog = document.getElementById("palette");
const box = document.getElementById("palette-q"), list = document.getElementById("palette-list");
const AFTER_MS = 120;
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");
const options = () => [...list.querySelectorAll("[role=option]")];
let chosen = -1, asked = null, timer = null, ready = Promise.resolve();

function open() {
  if (dialog.open) return;
  box.value = "";
  dialog.showModal();
  ready = ask();
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  try {
    const address = `/go?q=${encodeURIComponent(box.value)}`;
    const response = await fetch(address, { headers: { "X-Requested-With": "fetch" }, signal: asked.signal });
    if (response.ok) show(await response.text());
    else list.replaceChildren(told("Sign in again to go on."));
  } catch (error) {
    if (error.name !== "AbortError") list.replaceChildren(told("The server does not answer. Try again in a moment."));
  }
}

const told = (text) => Object.assign(document.createElement("li"), { textContent: text, className: "palette-none" });

function show(html) {
  list.innerHTML = html;
  choose(options().length ? 0 : -1);
}

function choose(number) {
  const all = options();
  chosen = all.length ? (number + all.length) % all.length : -1;
  all.forEach((each, index) => each.setAttribute("aria-selected", String(index === chosen)));
  all[chosen]?.scrollIntoView({ block: "nearest" });
  if (chosen < 0) box.removeAttribute("aria-activedescendant");
  else box.setAttribute("aria-activedescendant", all[chosen].id);
}

function go(option) {
  if (!option) return;
  const form = option.dataset.form && document.getElementById(option.dataset.form);
  dialog.close();
  if (form) form.requestSubmit();
  else location.assign(option.dataset.href);
}

document.addEventListener("keydown", (event) => {
  const isWanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  const hasOwn = document.querySelector("main [data-search]") !== null;
  const isSlash = event.key === "/" && !hasOwn && !isTyping(event.target) && !event.ctrlKey && !event.metaKey;
  if (!isWanted && !isSlash) return;
  event.preventDefault();
  open();
});

box.addEventListener("input", () => {
  clearTimeout(timer);
  ready = new Promise((done) => { timer = setTimeout(() => ask().then(done), AFTER_MS); });
});

box.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    choose(chosen + step);
  } else if (event.key === "Enter") {
    event.preventDefault();
    ready.then(() => go(options()[chosen]));
  }
});

list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
