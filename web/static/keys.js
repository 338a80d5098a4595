// Keys: "/" goes to the search of the page, the arrows to the text before and after. Nothing depends on them.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
  // Whoever writes, or moves inside code that is wider than its box, means that.
  if (event.target.closest("input, textarea, select, [contenteditable], pre, .table, dialog")) return;
  if (event.key === "/") {
    const details = document.querySelector(".contents details");
    if (details) details.open = true;
    document.getElementById("find")?.focus();
    event.preventDefault();
    return;
  }
  const relation = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = relation && document.querySelector(`.around a[rel="${relation}"]`);
  if (link) link.click();
});
