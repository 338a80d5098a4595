// Runs in a sandboxed frame with an origin of its own: draws one diagram per message and sends its SVG back.
"use strict";

let count = 0;

// The drawing is shown as an image: it needs a size of its own, and well-formed XML.
function standalone(text) {
  const svg = new DOMParser().parseFromString(text, "text/html").querySelector("svg");
  const [, , width, height] = (svg.getAttribute("viewBox") || "").split(/[\s,]+/).map(Number);
  if (!(width > 0 && height > 0)) throw new Error("the drawing is empty");
  svg.setAttribute("width", Math.ceil(width));
  svg.setAttribute("height", Math.ceil(height));
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return { svg: new XMLSerializer().serializeToString(svg), width: Math.ceil(width), height: Math.ceil(height) };
}

async function draw({ id, source, dark }) {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    maxTextSize: 50000,
    theme: dark ? "dark" : "neutral",
    fontFamily: "system-ui, sans-serif",
    // A label stands on the line that it names.
    themeCSS: `.edgeLabel rect { opacity: 1 !important; fill: ${dark ? "#1e2227" : "#ffffff"} !important; }`,
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    class: { htmlLabels: false },
  });
  try {
    const { svg } = await mermaid.render(`diagram-${++count}`, source);
    return { id, ...standalone(svg) };
  } catch (error) {
    return { id, error: String((error && error.message) || error).slice(0, 300) };
  }
}

let queue = Promise.resolve();
addEventListener("message", (event) => {
  if (event.source !== parent) return;
  queue = queue.then(async () => parent.postMessage(await draw(event.data), "*"));
});
parent.postMessage({ ready: true }, "*");
