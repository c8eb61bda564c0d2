/* Keyboard. Single letters do nothing while somebody types, or in a dialog, or when the member has
   switched them off (WCAG 2.1.4). */
"use strict";

(() => {
  const off = document.documentElement.dataset.keys === "off";
  const press = (name) => {
    const target = document.querySelector(`[data-key="${name}"]`);
    if (target) target.click();
    return Boolean(target);
  };
  const send = (name) => document.dispatchEvent(new CustomEvent(`callbox:${name}`));

  const letters = {
    j: () => send("next"), k: () => send("previous"), ".": () => send("show-new"),
    r: () => send("reply"), n: () => send("note"), i: () => send("context"),
    a: () => press("assign"), s: () => press("later"), e: () => press("close"),
    z: () => press("undo"), "?": () => press("help"), m: () => press("merge"),
    "/": () => document.querySelector('[data-key="search"]')?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = document.activeElement && document.activeElement.closest("form.cmp");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      letters["/"]();
      return;
    }
    if (event.key === "Escape") { send("escape"); return; }
    if (off || event.ctrlKey || event.metaKey || event.altKey || callbox.typing()) return;
    if (document.querySelector("dialog[open]")) return;
    const act = letters[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
})();
