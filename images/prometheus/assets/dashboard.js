// Draws the dashboard's charts from Prometheus's own API as SVG, and fetches the page's figures anew.
"use strict";

const REFRESH_MS = 15000;
const POINTS = 120;
const WIDTH = 420, HEIGHT = 190, LEFT = 58, RIGHT = 8, TOP = 10, BOTTOM = 24;
const SECONDS = { m: 60, h: 3600, d: 86400 };
const prefix = document.body.dataset.prefix;
const choice = /^(\d{1,3})([mhd])$/.exec(document.body.dataset.range) || [null, "6", "h"];
const spanS = Number(choice[1]) * SECONDS[choice[2]];
const stepS = Math.max(5, Math.ceil(spanS / POINTS / 5) * 5);

function svg(name, attributes, parent, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

function element(name, className, parent, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

const trimmed = (value, digits) => Number(value.toFixed(digits)).toString();

const FORMATS = {
  count: (value) => trimmed(value, value < 10 ? 1 : 0),
  percent: (value) => `${trimmed(value, value < 10 ? 1 : 0)} %`,
  bytes(value) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
    return `${trimmed(value / 1024 ** power, value / 1024 ** power < 10 ? 1 : 0)} ${units[power]}`;
  },
  duration(value) {
    if (value < 1) return `${trimmed(value * 1000, 0)} ms`;
    if (value < 120) return `${trimmed(value, value < 10 ? 1 : 0)} s`;
    if (value < 7200) return `${trimmed(value / 60, 0)} min`;
    return `${trimmed(value / 3600, 1)} h`;
  },
};

// The largest value of an axis of four parts, whose lines are round numbers in the axis's own unit.
function ceiling(maximum, unit) {
  const base = unit === "bytes" ? 1024 ** Math.floor(Math.log2(Math.max(maximum, 1)) / 10) : 1;
  const quarter = Math.max(maximum / base, unit === "count" ? 4 : 1e-3) / 4;
  const power = 10 ** Math.floor(Math.log10(quarter));
  const round = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= quarter * 0.9999 && (unit !== "count" || factor * power % 1 === 0));
  return 4 * round * power * base;
}

async function series(figure, endS) {
  const found = [];
  for (const [query, label] of JSON.parse(figure.dataset.series)) {
    const window = `${Math.max(stepS * 4, 300)}s`;
    const parameters = new URLSearchParams({ query: query.replaceAll("$window", window), start: endS - spanS, end: endS, step: stepS });
    const answer = await fetch(`${prefix}/api/v1/query_range?${parameters}`);
    if (!answer.ok) throw new Error(`Prometheus answered ${answer.status}`);
    for (const { metric, values } of (await answer.json()).data.result) {
      const points = values.map(([time, value]) => [time, Number(value)]).filter(([, value]) => Number.isFinite(value));
      if (points.length) found.push({ label: label.replace(/\{(\w+)\}/g, (_, name) => metric[name] || "?"), points });
    }
  }
  return found;
}

function clock(timeS) {
  const date = new Date(timeS * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return spanS > 2 * 86400 ? `${two(date.getDate())}.${two(date.getMonth() + 1)}.` : `${two(date.getHours())}:${two(date.getMinutes())}`;
}

// A gap in the samples is a gap in the line: a process that did not answer has no value.
function path(points, x, y) {
  return points.map(([time, value], index) =>
    `${index && time - points[index - 1][0] <= stepS * 1.5 ? "L" : "M"}${x(time).toFixed(1)},${y(value).toFixed(1)}`).join("");
}

function draw(figure, lines, endS) {
  const unit = figure.dataset.unit, format = FORMATS[unit];
  const highest = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value)));
  const top = unit === "percent" ? 100 : ceiling(highest, unit);
  const x = (time) => LEFT + (WIDTH - LEFT - RIGHT) * (1 - (endS - time) / spanS);
  const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
  const title = figure.querySelector("figcaption");
  const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title.textContent });
  for (let part = 0; part <= 4; part++) {
    const value = top * part / 4;
    svg("line", { class: part ? "grid" : "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }, chart);
    svg("text", { class: "tick", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, chart, format(value));
    const time = endS - spanS * (1 - part / 4);
    svg("text", { class: "tick", x: x(time), y: HEIGHT - 6, "text-anchor": ["start", "middle", "middle", "middle", "end"][part] }, chart, clock(time));
  }
  lines.forEach(({ points }, index) => {
    if (lines.length === 1 && points.length > 1) {
      svg("path", { class: `area c${index % 6}`, d: `${path(points, x, y).replace(/(?!^)M/g, "L")}L${x(points.at(-1)[0])},${y(0)}L${x(points[0][0])},${y(0)}Z` }, chart);
    }
    svg("path", { class: `line c${index % 6}`, d: path(points, x, y) }, chart);
    if (points.length === 1) svg("circle", { class: `dot c${index % 6}`, cx: x(points[0][0]), cy: y(points[0][1]), r: 3 }, chart);
  });
  const legend = document.createElement("p");
  legend.className = "legend";
  const shown = lines.map(({ label, points }, index) => {
    const item = element("span", `c${index % 6}`, legend, label);
    return [element("b", "", item, ""), points];
  });
  if (!lines.length) element("span", "none", legend, "no data in this range");
  const tell = (timeS) => shown.forEach(([node, points]) => {
    const near = points.reduce((best, point) => Math.abs(point[0] - timeS) < Math.abs(best[0] - timeS) ? point : best);
    node.textContent = Math.abs(near[0] - timeS) <= stepS * 1.5 ? format(near[1]) : "–";
  });
  tell(endS);
  const cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, x1: -9, x2: -9 }, chart);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const at = Math.min(WIDTH - RIGHT, Math.max(LEFT, (event.clientX - box.left) * WIDTH / box.width));
    cursor.setAttribute("x1", at);
    cursor.setAttribute("x2", at);
    tell(endS - spanS * (1 - (at - LEFT) / (WIDTH - LEFT - RIGHT)));
  });
  chart.addEventListener("pointerleave", () => { cursor.setAttribute("x1", -9); cursor.setAttribute("x2", -9); tell(endS); });
  figure.replaceChildren(title, chart, legend);
}

// Tables know an alert's labels only; what it says is in the API.
async function explainAlerts() {
  const rows = document.querySelectorAll("[data-alert]");
  if (!rows.length) return;
  const { data } = await (await fetch(`${prefix}/api/v1/alerts`)).json();
  for (const row of rows) {
    const alert = data.alerts.find(({ labels }) => labels.alertname === row.dataset.alert && (labels.instance || "") === row.dataset.instance);
    if (!alert) continue;
    const cell = row.querySelector(".summary");
    cell.textContent = alert.annotations.summary;
    cell.title = alert.annotations.description;
  }
}

async function refreshFigures() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const fresh = page.getElementById("fresh");
  if (fresh) document.getElementById("fresh").replaceChildren(...fresh.childNodes);
}

async function refresh(first) {
  try {
    if (!first) await refreshFigures();
    await explainAlerts();
    const endS = Math.floor(Date.now() / 1000);
    for (const figure of document.querySelectorAll("figure[data-series]")) draw(figure, await series(figure, endS), endS);
    document.body.classList.remove("stale");
    document.body.classList.add("drawn");
  } catch (error) {
    // Prometheus restarts or the network is away: the old figures stay, marked as such, until the next round.
    document.body.classList.add("stale");
  }
  setTimeout(refresh, REFRESH_MS);
}

refresh(true);
