/* The open conversation: opening, going back, and news inside it. */
"use strict";

(() => {
  const inbox = document.querySelector(".inbox");
  const pane = document.getElementById("pane");
  if (!inbox || !pane) return;

  const thread = () => document.querySelector(".thread");
  const shownId = () => thread()?.dataset.id || "";

  /* Nothing under 300 ms, then a skeleton of about the final height. */
  const skeleton = () => {
    const part = document.createElement("section");
    part.className = "thread";
    part.innerHTML = '<div aria-hidden="true">' + '<div class="skel"><i></i><i class="w5"></i><i></i><i class="w7"></i></div>'.repeat(4) + "</div>";
    pane.replaceChildren(part);
  };

  const arrived = (id, focus) => {
    inbox.dataset.view = "thread";
    document.dispatchEvent(new CustomEvent("callbox:opened", { detail: id }));
    toEnd();
    if (focus) thread()?.querySelector("h2")?.focus({ preventScroll: true });
    markRead();
  };

  const toEnd = () => {
    const msgs = document.getElementById("msgs");
    if (msgs) msgs.scrollTop = msgs.scrollHeight;
  };

  const markRead = () => {
    const open = thread();
    if (!open || open.dataset.unread !== "1") return;
    open.dataset.unread = "";
    callbox.post(open.dataset.read, {});
    document.dispatchEvent(new CustomEvent("callbox:read", { detail: open.dataset.id }));
  };

  let asked = 0;
  const open = async (url, id, push) => {
    document.dispatchEvent(new CustomEvent("callbox:leaving"));
    const mine = ++asked;
    const slow = setTimeout(() => mine === asked && skeleton(), 300);
    const fresh = await callbox.page(url);
    clearTimeout(slow);
    if (mine !== asked) return; // another one was opened meanwhile
    if (!fresh || !fresh.querySelector(".thread")) { window.location.assign(url); return; }
    document.title = fresh.title || document.title;
    pane.replaceChildren(...fresh.body.childNodes);
    htmx.process(pane);
    if (push) history.pushState({ callbox: id }, "", url);
    document.dispatchEvent(new CustomEvent("callbox:pane"));
    arrived(id, true);
  };

  document.addEventListener("callbox:open", (event) => open(event.detail.url, event.detail.id, true));
  window.addEventListener("popstate", () => window.location.reload());

  /* On a phone the list is already here: going back shows it where it was. */
  document.addEventListener("click", (event) => {
    const back = event.target.closest("[data-back]");
    if (!back || !callbox.small.matches || !document.querySelector("#rows .conv")) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("callbox:leaving"));
    inbox.dataset.view = "list";
    history.pushState({}, "", back.href);
    document.getElementById(`c-${shownId()}`)?.focus();
  });

  /* Context as a drawer where there is no room beside. */
  const drawer = (show) => {
    const part = document.getElementById("context");
    if (!part || getComputedStyle(part).position !== "fixed") { part?.focus(); return; }
    part.classList.toggle("open", show);
    if (part.classList.contains("open")) part.focus();
    else document.querySelector('[data-key="context"]')?.focus();
  };
  document.addEventListener("callbox:context", () => drawer(undefined));
  document.addEventListener("callbox:escape", () => {
    if (document.querySelector("#context.open")) drawer(false);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-key="context"], [data-key-alias="context"]')) { event.preventDefault(); drawer(undefined); }
    if (event.target.closest("[data-close-context]")) drawer(false);
  });

  /* News in the thread: items are patched by their id and never moved; new ones go to the end. At
     the end, the thread follows; scrolled up, a button waits. */
  const atEnd = (msgs) => msgs.scrollHeight - msgs.scrollTop - msgs.clientHeight < 60;
  let unseen = 0;

  const below = (count) => {
    const button = document.getElementById("below");
    if (!button) return;
    button.hidden = count === 0;
    button.querySelector("span").textContent = button.dataset.words
      ? button.dataset[count === 1 ? "one" : "words"].replace("{n}", count) : String(count);
  };

  /* A button that was pressed may go with its deed: the focus stays in its item, on the button of the
     same name or the next one. */
  const renew = (old, item) => {
    const pressed = old.contains(document.activeElement) && document.activeElement.closest(".deed, .stand button");
    if (callbox.held(old) && !pressed) return;
    const label = pressed && pressed.textContent.trim();
    callbox.patch(old, item);
    if (!pressed || old.contains(document.activeElement)) return;
    const others = [...old.querySelectorAll(".deed, .stand button")];
    (others.find((one) => one.textContent.trim() === label) || others[0] || document.getElementById("msgs")).focus({ preventScroll: true });
  };

  const mergeItems = (msgs, fresh) => {
    const end = atEnd(msgs);
    const there = new Set([...fresh.querySelectorAll("[data-item]")].map((item) => item.id));
    let added = 0;
    let after = null; // what stood around it may come later than it: it goes where it belongs
    for (const item of [...fresh.querySelectorAll("[data-item]")].reverse()) {
      const old = document.getElementById(item.id);
      if (old) renew(old, item);
      else {
        msgs.insertBefore(item, after);
        htmx.process(item);
        if (!after || after.dataset.fresh) added += 1;
        if (!after || after.dataset.fresh) item.dataset.fresh = "1";
      }
      after = old || item;
    }
    for (const item of msgs.querySelectorAll("[data-fresh]")) delete item.dataset.fresh;
    for (const old of msgs.querySelectorAll(".state[data-item]")) {
      if (!there.has(old.id)) old.remove();
    }
    if (!added) return;
    if (end) toEnd();
    else { unseen += added; below(unseen); callbox.say(document.getElementById("below").textContent.trim()); }
  };

  /* A dialog that closes gives the focus back to its button in the head. The head may still follow
     the deed, if the focus then stands where it stood. */
  const focusedKey = (head) =>
    head.contains(document.activeElement) && document.activeElement.dataset.key;

  const refresh = callbox.later(async () => {
    const open = thread();
    if (!open || !open.dataset.url) return;
    const fresh = await callbox.page(open.dataset.url);
    if (!fresh || fresh.querySelector(".thread")?.dataset.id !== shownId()) return;
    const msgs = document.getElementById("msgs");
    mergeItems(msgs, fresh.getElementById("msgs"));
    for (const id of ["thread-head", "presence", "context"]) {
      const old = document.getElementById(id);
      const part = fresh.getElementById(id);
      if (!old || !part) continue;
      const key = id === "thread-head" && focusedKey(old);
      if (callbox.held(old) && !key) continue;
      if (id === "context" && old.classList.contains("open")) part.classList.add("open");
      callbox.patch(old, part);
      if (key) (old.querySelector(`[data-key="${key}"]`) || old.querySelector("h2")).focus();
    }
    document.dispatchEvent(new CustomEvent("callbox:composer", { detail: fresh.getElementById("composer") }));
    document.dispatchEvent(new CustomEvent("callbox:patched"));
    const now = fresh.querySelector(".thread");
    if (now.dataset.unread === "1" && !document.hidden && atEnd(msgs)) { open.dataset.unread = "1"; markRead(); }
  }, 500);

  document.addEventListener("live:conversation", (event) => {
    if (event.detail.split(":")[1] === shownId()) refresh();
  });
  document.addEventListener("live:presence", (event) => {
    if (event.detail.split(":")[1] === shownId()) refresh();
  });
  document.addEventListener("live:context", refresh);
  document.addEventListener("live:all", refresh);
  document.body.addEventListener("callbox:did", (event) => {
    if (!event.detail || !event.detail.id || event.detail.id === shownId()) refresh();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#below button")) return;
    toEnd();
    unseen = 0;
    below(0);
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.id !== "msgs" || !unseen || !atEnd(event.target)) return;
    unseen = 0;
    below(0);
  }, true);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.closest("[data-item]").querySelector("p.said").textContent;
    await navigator.clipboard.writeText(text);
    button.textContent = "✓";
  });

  if (thread()) { toEnd(); markRead(); }
})();
