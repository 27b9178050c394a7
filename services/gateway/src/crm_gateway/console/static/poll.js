// While the page is seen, asks every 2 s whether the customer has changed; mostly it has not (304).
import { parse, replace } from "./fragments.js";

const page = document.querySelector("[data-poll]");
const EVERY_MS = 2000, MOST_MS = 30000;
let tag = page.dataset.tag, wait = EVERY_MS, last = new Map();

// Keys and tokens differ in each answer; they are not what has changed.
const content = (part) => part.innerHTML.replace(/ name="(key|csrf_token)" value="[^"]*"/g, "");

function remember(parts) {
  for (const part of parts) last.set(part.id, content(part));
}

async function look() {
  const response = await fetch(page.dataset.poll, {
    headers: { "If-None-Match": `"${tag}"`, "X-Requested-With": "fetch" },
  });
  if (response.status === 401) return location.reload();
  if (response.status !== 200) return;
  tag = (response.headers.get("ETag") ?? "").replaceAll('"', "");
  const answer = parse(await response.text());
  for (const fresh of answer.querySelectorAll("[data-part]")) {
    const shown = document.getElementById(fresh.id);
    const isOlder = fresh.id === "timeline" && "older" in page.dataset;
    const isEdited = shown?.querySelector("[data-editing]");
    if (shown && !isOlder && !isEdited && content(fresh) !== last.get(fresh.id)) {
      last.set(fresh.id, content(fresh));
      replace(shown, document.adoptNode(fresh));
    }
  }
}

async function tick() {
  try {
    if (document.visibilityState === "visible") await look();
    wait = EVERY_MS;
  } catch {
    wait = Math.min(wait * 2, MOST_MS);
  }
  setTimeout(tick, wait);
}

remember(page.querySelectorAll("[data-part]"));
setTimeout(tick, EVERY_MS);
