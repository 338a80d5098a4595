// Sends the diagrams' source to the sandboxed frame and shows the drawings that come back as images, in which
// scripts cannot run. What cannot be drawn stays readable as text.
"use strict";

(() => {
  const frame = document.getElementById("diagram-frame");
  const figures = [...document.querySelectorAll("figure.diagram")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const MAX_CHARACTERS = 2_000_000;

  function ask() {
    figures.forEach((figure, id) => {
      const source = figure.querySelector("code").textContent;
      // The frame has an opaque origin, which no target origin can name.
      frame.contentWindow.postMessage({ id, source, dark: dark.matches }, "*");
    });
  }

  function show(figure, { svg, width, height }) {
    let image = figure.querySelector("img");
    if (!image) {
      image = document.createElement("img");
      image.alt = frame.dataset.label;
      const box = document.createElement("div");
      box.className = "drawing";
      box.tabIndex = 0;
      box.append(image);
      figure.prepend(box);
      figure.querySelector("details").open = false;
    }
    image.width = width;
    image.height = height;
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    figure.dataset.drawn = "yes";
  }

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    const { ready, id, svg, width, height } = event.data;
    if (ready) return ask();
    const figure = figures[id];
    if (!figure) return;
    if (typeof svg === "string" && svg.length < MAX_CHARACTERS && width > 0 && height > 0) {
      show(figure, { svg, width, height });
    } else {
      figure.dataset.drawn = "no";
    }
  });
  dark.addEventListener("change", ask);
  // The frame may have been ready before this script ran.
  ask();
})();
