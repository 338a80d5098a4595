// Remembers on this device what of a course was read and where one was last. Kept by the repository's name, so that a
// newer course of it goes on from there. Where nothing may be stored, nothing is remembered.
"use strict";

(() => {
  const columns = document.querySelector(".columns[data-course]");
  if (!columns) return;
  const { course, base, slug, read: label } = columns.dataset;
  const KEY = `fondation:reading:${course}`;

  function known() {
    try {
      const value = JSON.parse(localStorage.getItem(KEY));
      return value?.read && typeof value.read === "object" ? value : { read: {} };
    } catch {
      return { read: {} };
    }
  }

  // Read again before each change: another tab may have written meanwhile.
  function change(edit) {
    const value = known();
    edit(value);
    try {
      localStorage.setItem(KEY, JSON.stringify(value));
    } catch {
      // full or refused
    }
  }

  const slugOf = (link) => decodeURI(link.pathname).slice(base.length);

  function show() {
    const { read, last } = known();
    for (const link of columns.querySelectorAll(".contents ol a")) {
      const isRead = Object.hasOwn(read, slugOf(link));
      const mark = link.querySelector(".read");
      if (isRead && !mark) {
        const made = document.createElement("span");
        made.className = "read";
        made.title = label;
        made.textContent = " ✓";
        link.append(made);
      } else if (!isRead && mark) {
        mark.remove();
      }
    }
    const resume = document.getElementById("resume");
    const target = last && [...columns.querySelectorAll(".contents ol a")].find((link) => slugOf(link) === last);
    if (resume && target) {
      const link = resume.querySelector("a");
      link.href = target.href;
      link.querySelector("span").textContent = target.textContent.replace(/ ✓$/, "");
      resume.hidden = false;
    }
  }

  if (slug) {
    change((value) => {
      value.last = slug;
    });
    const end = columns.querySelector(".around") ?? columns.querySelector("article:last-of-type");
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      change((value) => {
        value.read[slug] = Date.now();
      });
      show();
    });
    if (end) seen.observe(end);
  }
  addEventListener("storage", (event) => {
    if (event.key === KEY) show();
  });
  show();
})();
