/* The list: one tab stop with roving focus; opening a conversation beside it; and news that never
   moves what is being read. */
"use strict";

(() => {
  const list = document.getElementById("list");
  const rows = document.getElementById("rows");
  if (!list || !rows) return;

  const all = () => [...rows.querySelectorAll(".conv")];
  const current = () => rows.querySelector('.conv[aria-current="true"]');
  const idOf = (row) => row.id.slice(2);
  const atHand = () => (rows.contains(document.activeElement) ? document.activeElement.closest(".conv") : null);

  /** Give the list's one tab stop to `row`. */
  const rove = (row, focus) => {
    for (const other of all()) other.tabIndex = other === row ? 0 : -1;
    if (row && focus) {
      row.focus();
      row.scrollIntoView({ block: "nearest" });
    }
  };

  const step = (by) => {
    const here = all();
    if (!here.length) return;
    const from = here.indexOf(atHand() || current());
    rove(here[Math.max(0, Math.min(here.length - 1, from + by))] || here[0], true);
  };

  rove(current() || all()[0], false);
  if (current()) current().scrollIntoView({ block: "nearest" });

  document.addEventListener("callbox:next", () => step(1));
  document.addEventListener("callbox:previous", () => step(-1));
  rows.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); step(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); step(-1); }
    if (event.key === "Home") { event.preventDefault(); rove(all()[0], true); }
    if (event.key === "End") { event.preventDefault(); rove(all().at(-1), true); }
  });

  rows.addEventListener("click", (event) => {
    const row = event.target.closest(".conv");
    if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    rove(row, false);
    document.dispatchEvent(new CustomEvent("callbox:open", { detail: { url: row.href, id: idOf(row) } }));
  });

  document.addEventListener("callbox:opened", (event) => {
    const before = current();
    if (before) before.removeAttribute("aria-current");
    const row = document.getElementById(`c-${event.detail}`);
    if (!row) return;
    row.setAttribute("aria-current", "true");
    rove(row, false);
  });

  document.addEventListener("callbox:read", (event) => {
    const row = document.getElementById(`c-${event.detail}`);
    if (!row) return;
    row.classList.remove("unread");
    row.querySelector(".dot")?.remove();
  });

  /* News: rows on screen are patched in place; new rows and a new order wait behind a button. */
  const waiting = new Set();

  const refreshRows = callbox.later(async () => {
    const ids = [...waiting].filter((id) => document.getElementById(`c-${id}`));
    waiting.clear();
    if (!ids.length) return;
    const fresh = await callbox.page(`${list.dataset.rows}?ids=${ids.join(",")}`);
    if (!fresh) return;
    const chosen = current();
    for (const row of fresh.querySelectorAll(".conv")) {
      const old = document.getElementById(row.id);
      if (!old) continue;
      if (old === chosen) row.setAttribute("aria-current", "true");
      callbox.patch(old, row);
    }
    document.dispatchEvent(new CustomEvent("callbox:patched"));
  }, 400);

  let announced = 0;
  let lastSaid = "";
  const showFresh = (part) => {
    const place = document.getElementById("fresh");
    if (!part || !place || callbox.held(place)) return;
    place.replaceChildren(...part.childNodes);
    const words = place.textContent.trim();
    if (words && words !== lastSaid && Date.now() - announced > 20000) {
      announced = Date.now();
      lastSaid = words;
      callbox.say(words);
    }
  };

  const refreshCounts = callbox.later(async () => {
    if (!list.dataset.fresh) return; // a search is not a queue: it stays as it was found
    const fresh = await callbox.page(list.dataset.fresh);
    if (!fresh) return;
    showFresh(fresh.getElementById("fresh"));
    for (const number of fresh.querySelectorAll("[data-for]")) {
      const shown = document.getElementById(`n-${number.dataset.for}`);
      if (shown) shown.textContent = number.textContent;
      for (const tab of document.querySelectorAll(`[data-count="${number.dataset.for}"]`)) tab.textContent = number.textContent;
    }
    for (const id of ["list-sub", "live", "strips"]) {
      const part = fresh.getElementById(id);
      const old = document.getElementById(id);
      if (part && old && !callbox.held(old)) callbox.patch(old, part);
    }
  }, 1000);

  document.addEventListener("live:all", () => {
    refreshCounts();
    all().forEach((row) => waiting.add(idOf(row)));
    refreshRows();
  });
  document.addEventListener("live:inbox", () => refreshCounts());
  document.addEventListener("live:health", () => refreshCounts());
  document.addEventListener("live:conversation", (event) => {
    waiting.add(event.detail.split(":")[1]);
    refreshRows();
    refreshCounts();
  });
  document.body.addEventListener("callbox:did", (event) => {
    if (event.detail && event.detail.id) waiting.add(event.detail.id);
    refreshRows();
    refreshCounts();
  });

  /* "Show them": the reader asks, so now the list may move. */
  document.addEventListener("callbox:show-new", () => document.querySelector("#fresh a")?.click());
  list.addEventListener("click", async (event) => {
    if (!event.target.closest("#fresh a")) return;
    event.preventDefault();
    const fresh = await callbox.page(list.dataset.url);
    const content = fresh && fresh.getElementById("list");
    if (!content) { window.location.assign(list.dataset.url); return; }
    const open = current() && idOf(current());
    list.dataset.fresh = content.dataset.fresh;
    rows.replaceChildren(...content.querySelector("#rows").childNodes);
    document.getElementById("fresh").replaceChildren();
    document.getElementById("list-sub").textContent = content.querySelector("#list-sub").textContent;
    document.getElementById(`c-${open}`)?.setAttribute("aria-current", "true");
    rows.scrollTop = 0;
    rove(all()[0], true);
  });
})();
