// Opens cited lines beside the text: at the side where there is room, as a sheet where there is not. Without this script,
// and whenever something is in the way, a citation is a link to a page.
"use strict";

(() => {
  const panel = document.getElementById("source-panel");
  const content = panel.querySelector("div");
  const wide = matchMedia("(min-width: 80rem)");
  let opener = null;

  // The browser reads the answer as a document itself: our policy lets no script make elements of text.
  function fetched(address) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", address);
      request.responseType = "document";
      request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject());
      request.onerror = reject;
      request.send();
    });
  }

  async function open(link) {
    const address = new URL(link.href);
    address.searchParams.set("part", "1");
    const section = (await fetched(address)).querySelector("section.source");
    panel.querySelector("h2").textContent = link.textContent;
    content.replaceChildren(document.adoptNode(section));
    // Ids of lines belong to the page of a file, not to this one.
    content.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    opener = link;
    if (!panel.open) {
      if (wide.matches) panel.show();
      else panel.showModal();
    }
    document.documentElement.classList.toggle("beside", wide.matches);
    const wanted = content.querySelector(".wanted");
    if (wanted) wanted.scrollIntoView({ block: "center" });
    panel.querySelector("button").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("article a.citation");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || !new URL(link.href).pathname.includes("/source/")) return;
    event.preventDefault();
    open(link).catch(() => location.assign(link.href));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.open) panel.close();
  });
  panel.addEventListener("close", () => {
    document.documentElement.classList.remove("beside");
    if (opener) opener.focus({ preventScroll: true });
    opener = null;
  });
})();
