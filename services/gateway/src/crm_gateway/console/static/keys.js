// What every page can do beyond HTML: "/" goes to the page's own search box, a filter applies as it is chosen.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const box = document.querySelector("main [data-search]");
  if (event.key === "/" && box && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("textarea")?.form?.requestSubmit();
  }
});

document.querySelector("[data-filters]")?.addEventListener("change", (event) => {
  event.currentTarget.requestSubmit();
});
