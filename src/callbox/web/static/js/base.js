/* What the other files share, on one global: `callbox`. Plain deferred scripts and no modules,
   because an import inside a file could not carry that file's content mark (see templatetags/ui.py)
   and readers would meet old and new code together after an upgrade. */
"use strict";

const callbox = (() => {
  const body = document.body;
  const token = JSON.parse(body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

  /** Whether letters belong to a field just now. */
  const typing = () => {
    const at = document.activeElement;
    return Boolean(at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))
      && !/^(radio|checkbox|submit|button)$/.test(at.type));
  };

  /** Whether the reader holds this part: with the focus, the caret or a selection. */
  const held = (part) => {
    if (part.contains(document.activeElement) && document.activeElement !== part) return true;
    const chosen = document.getSelection();
    return Boolean(chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode));
  };

  /** Make `old` look like `fresh` without replacing it, so that focus on `old` itself stays. */
  const patch = (old, fresh) => {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "tabindex") old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (name !== "tabindex" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (old.innerHTML !== fresh.innerHTML) {
      old.replaceChildren(...fresh.childNodes);
      if (window.htmx) htmx.process(old);
    }
  };

  /** A page of ours as a document, or null when it cannot be had now. */
  const page = async (url) => {
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return null;
      return new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return null;
    }
  };

  /** Send a form of ours in the background. Resolves to whether it arrived. */
  const post = async (url, values) => {
    try {
      const answer = await fetch(url, {
        method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(values),
        credentials: "same-origin", keepalive: true,
      });
      return answer.ok && !answer.redirected;
    } catch {
      return false;
    }
  };

  /** Ask something of ours that an address should not hold. Resolves to the answer, or null. */
  const ask = async (url, values) => {
    try {
      const answer = await fetch(url, {
        method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(values),
        credentials: "same-origin",
      });
      return answer.status === 200 && !answer.redirected ? await answer.json() : null;
    } catch {
      return null;
    }
  };

  /** Say something once to those who listen rather than look. */
  const say = (words) => {
    const place = document.getElementById("polite");
    if (place) place.textContent = words;
  };

  /** Do `job` almost at once, but at most once in `wait` ms, and always after the last call: the
   *  first news is seen while it is news, and a busy hour cannot put it off for ever. */
  const later = (job, wait) => {
    let timer = 0;
    let last = 0;
    return () => {
      if (timer) return;
      const rest = Math.max(last + wait - Date.now(), 15);
      timer = setTimeout(() => { timer = 0; last = Date.now(); job(); }, rest);
    };
  };

  const small = window.matchMedia("(max-width: 767px)");
  return { body, token, typing, held, patch, page, post, ask, say, later, small };
})();

/* Clocks: what is left to answer, patched in place twice a minute and never announced. */
(() => {
  const { body } = callbox;
  const span = (seconds) => {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    const { hours, minutes: m, days } = body.dataset;
    if (minutes >= 2880) return `${Math.floor(minutes / 1440)} ${days}`;
    if (minutes < 60) return `${minutes} ${m}`;
    return `${Math.floor(minutes / 60)} ${hours} ${String(minutes % 60).padStart(2, "0")} ${m}`;
  };
  const tick = () => {
    const now = Date.now() / 1000;
    for (const clock of document.querySelectorAll("[data-due]")) {
      const left = Number(clock.dataset.due) - now;
      const share = Math.max(0, Math.min(1, left / Number(clock.dataset.span || 1)));
      const state = left < 0 ? "late" : share < 0.15 ? "soon" : "calm";
      clock.className = `tta tta--${state}`;
      const words = (left < 0 ? body.dataset.late : body.dataset.left).replace("{time}", span(left));
      const place = clock.lastElementChild;
      if (place.textContent !== words) place.textContent = words;
      const arc = clock.querySelector("circle + circle");
      if (arc) arc.setAttribute("stroke-dasharray", `${Math.round(share * 100)} 100`);
    }
  };
  setInterval(tick, 30000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
  document.addEventListener("callbox:patched", tick);
})();

/* Menus close when the reader goes elsewhere. */
(() => {
  const close = (except) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
})();

/* Addresses to copy into another site's form. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.lastElementChild.textContent = button.dataset.done;
    callbox.say(button.dataset.done);
  } catch {
    field.focus(); // selected, for the reader's own keys
  }
});

/* Light or dark at once; the server remembers it for the next page. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-switch]");
  if (!form) return;
  event.preventDefault();
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.theme || system) === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  callbox.post(form.action, { theme: next });
});
