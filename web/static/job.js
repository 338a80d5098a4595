// Follows a job: takes its state from the live connection, or by asking every few seconds when there is none.
"use strict";

(() => {
  const job = document.getElementById("job");
  const byId = (id) => document.getElementById(id);
  const POLL_MS = 5000;
  let elapsed = Number(job.dataset.elapsed);
  let at = Date.now();
  let isOver = false;

  function elapsedText(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    if (h) return `${h} h ${two(m)} min ${two(s)} s`;
    return m ? `${m} min ${two(s)} s` : `${s} s`;
  }

  function tick() {
    const passed = isOver ? 0 : Math.floor((Date.now() - at) / 1000);
    byId("elapsed").textContent = elapsedText(elapsed + passed);
  }

  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function show(view) {
    elapsed = view.elapsed_s;
    at = Date.now();
    isOver = view.phase !== "active";
    const badge = byId("badge");
    badge.className = `badge ${view.badge.tone}`;
    badge.dataset.status = view.badge.status;
    setText(badge, view.badge.text);
    setText(byId("attempt"), view.attempt_text);
    byId("bar").value = view.step;
    setText(byId("step"), String(view.step));
    setText(byId("announcement"), view.step_text);
    [...document.querySelectorAll(".steps > li")].forEach((item, index) => {
      const step = view.steps[index];
      item.dataset.state = step.state;
      if (step.state === "current") item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      setText(item.lastElementChild, step.state_text);
    });
    byId("error-box").hidden = !view.error || view.phase === "canceled";
    byId("error-box").className = `notice ${isOver ? "bad" : "waiting"}`;
    setText(byId("error-title"), byId("error-title").dataset[isOver ? "ended" : "active"]);
    setText(byId("error"), view.error);
    setText(byId("ready"), view.ready_text);
    for (const element of document.querySelectorAll("[data-phases]")) {
      element.hidden = !element.dataset.phases.split(" ").includes(view.phase);
    }
    const log = byId("log");
    byId("log-empty").hidden = view.log.length > 0;
    log.hidden = view.log.length === 0;
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    setText(log, view.log.map((line) => `${line}\n`).join(""));
    if (atEnd) log.scrollTop = log.scrollHeight;
    job.dataset.phase = view.phase;
    setText(byId("live"), isOver ? "" : byId("live").dataset.live);
    tick();
  }

  async function poll() {
    while (!isOver) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      try {
        const answer = await fetch(job.dataset.statusUrl, { headers: { Accept: "application/json" } });
        if (answer.redirected || answer.status === 404) return location.reload();
        if (answer.ok) show(await answer.json());
      } catch {
        setText(byId("live"), byId("live").dataset.lost);
      }
    }
  }

  const events = new EventSource(job.dataset.events);
  events.addEventListener("open", () => setText(byId("live"), byId("live").dataset.live));
  events.addEventListener("job", (event) => {
    const view = JSON.parse(event.data);
    if (view === null) return location.reload();
    show(view);
    if (isOver) events.close();
  });
  events.addEventListener("error", () => {
    if (isOver) return;
    setText(byId("live"), byId("live").dataset.lost);
    if (events.readyState === EventSource.CLOSED) poll();
  });
  setInterval(tick, 1000);
})();
