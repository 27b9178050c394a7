// While a page is seen, asks every 2 s whether what it shows has changed; mostly it has not (304).
// Only parts that nobody works in are renewed; the others are when they are free. Focus stays.
import { contentOf, isBusy, renew } from "./renewing.js";
import { parse, say } from "./fragments.js";

const EVERY_MS = 2000, MOST_MS = 30000;

class Live {
  constructor(place) {
    this.url = place.dataset.live;
    this.tag = place.dataset.tag;
    this.wait = EVERY_MS;
    this.shown = new Map([...place.querySelectorAll("[data-part]")].map((part) => [part.id, contentOf(part)]));
    this.pending = new Map();
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), this.wait);
  }

  async tick() {
    try {
      this.settle();
      if (document.visibilityState === "visible") await this.look();
      this.wait = EVERY_MS;
    } catch {
      this.wait = Math.min(this.wait * 2, MOST_MS);
    }
    if (this.url) this.later();
  }

  async look() {
    if (document.querySelector("[aria-busy=true]")) return;
    const response = await fetch(this.url, {
      headers: { "If-None-Match": `"${this.tag}"`, "X-Requested-With": "fetch" }, redirect: "error",
    });
    if (response.status === 401) return this.end();
    if (response.status !== 200 || document.querySelector("[aria-busy=true]")) return;
    const answer = parse(await response.text());
    this.tag = (response.headers.get("ETag") ?? "").replace(/^W\//, "").replaceAll('"', "");
    for (const fresh of answer.querySelectorAll("[data-part]")) {
      if (this.shown.has(fresh.id) && contentOf(fresh) !== this.shown.get(fresh.id)) this.pending.set(fresh.id, fresh);
    }
    this.settle();
  }

  // What is being worked in waits for its turn.
  settle() {
    const focused = document.activeElement?.id;
    for (const [id, fresh] of this.pending) {
      const part = document.getElementById(id);
      if (part && isBusy(part, fresh)) {
        hint(part);
        continue;
      }
      const content = contentOf(fresh);
      if (part) renew(part, fresh);
      this.shown.set(id, content);
      this.pending.delete(id);
    }
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  // Nothing is reloaded: somebody may be typing.
  end() {
    this.url = "";
    say("You are signed out. Sign in again in another tab to go on here.");
  }
}

// A list that somebody fetched more of stays as it is; they are told once that there is something new.
function hint(part) {
  if (part.dataset.extended !== "") return;
  part.dataset.extended = "told";
  say("This list has changed meanwhile. Reload the page to see it.");
}

const every = [...document.querySelectorAll("[data-live]")].map((place) => new Live(place));

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") for (const each of every) if (each.url) each.tick();
});

// Whoever has fetched more of a list keeps it.
document.addEventListener("htmx:beforeSwap", (event) => event.target.closest?.("[data-part]")?.setAttribute("data-extended", ""));
