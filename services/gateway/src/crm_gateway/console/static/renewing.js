// What may be renewed in a page that somebody uses, and how, without their noticing more than needed.
const TYPED = "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit], [type=button]), textarea";
const TICKED = "input[type=checkbox], input[type=radio]";
const AT_WORK = "[data-editing], [data-extended], dialog[open], .sortable-chosen, [aria-busy=true]";

// Keys and tokens differ in each answer; they are not what has changed.
export const contentOf = (part) => part.innerHTML.replace(/ name="(key|csrf_token)" value="[^"]*"/g, "");

export function isBusy(part, fresh) {
  return part.matches("[data-extended]") || part.querySelector(AT_WORK) !== null || isTyping(part)
    || isChanged(part) || isSelected(part) || isOpened(part) || twin(part, fresh) === null;
}

export function renew(part, fresh) {
  const found = twin(part, fresh), open = new Set(opened(part).map(titleOf));
  for (const name of ["class", "data-stage"]) if (fresh.hasAttribute(name)) part.setAttribute(name, fresh.getAttribute(name));
  part.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
  for (const each of part.querySelectorAll("details")) if (open.has(titleOf(each))) each.open = true;
  window.htmx?.process(part);
  if (found && part.contains(found)) found.focus({ preventScroll: true });
  part.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
}

// What takes the focus over: undefined where nothing needs to, null where there is nothing. What has
// moved to another part is found there by its id.
function twin(part, fresh) {
  const focused = document.activeElement;
  if (!part.contains(focused) || focused === part) return undefined;
  const moved = () => [fresh.ownerDocument, document].flatMap((all) => [...all.querySelectorAll(`[id="${focused.id}"]`)]);
  return fresh.querySelector(selectorOf(focused)) ?? (focused.id ? moved().find((each) => each !== focused) ?? null : null);
}

function selectorOf(element) {
  const said = (name) => `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.hasAttribute("href")) return `a${said("href")}`;
  const form = element.form?.getAttribute("action");
  const inside = form ? `form[action="${CSS.escape(form)}"] ` : "";
  const names = ["name", "value", "aria-label"].filter((name) => element.hasAttribute(name));
  return inside + element.localName + names.map(said).join("");
}

const isTyping = (part) => part.contains(document.activeElement) && document.activeElement.matches(`${TYPED}, select, [contenteditable]`);

function isChanged(part) {
  return [...part.querySelectorAll(TYPED)].some((each) => each.value !== each.defaultValue)
    || [...part.querySelectorAll(TICKED)].some((each) => each.checked !== each.defaultChecked)
    || [...part.querySelectorAll("select")].some(isChosen);
}

function isChosen(select) {
  const usual = [...select.options].findLastIndex((each) => each.defaultSelected);
  return !select.multiple && select.selectedIndex !== Math.max(usual, 0);
}

function isSelected(part) {
  const chosen = document.getSelection();
  return chosen !== null && !chosen.isCollapsed && chosen.containsNode(part, true);
}

const opened = (part) => [...part.querySelectorAll("details[open]")];
const isOpened = (part) => opened(part).some((each) => each.querySelector("form") !== null);
const titleOf = (details) => details.querySelector("summary")?.textContent.trim() ?? "";
