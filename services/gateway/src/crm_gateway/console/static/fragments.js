// Replaces parts of the page by their newer selves, by id; focus stays where it was.
export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

export function replace(element, fresh) {
  const focused = element.contains(document.activeElement) ? pathOf(document.activeElement) : null;
  element.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) (fresh.querySelector(focused) ?? fresh.closest("[tabindex]") ?? fresh).focus({ preventScroll: true });
}

function pathOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.href) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  const form = element.closest("form");
  return form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ${element.localName}` : element.localName;
}

export function say(text) {
  const place = document.getElementById("toast");
  place.textContent = text;
  place.classList.add("toast-shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => place.classList.remove("toast-shown"), 8000);
}
