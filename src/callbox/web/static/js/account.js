/* One account's page: what moves while it is open (imports, health) is looked at again. */
"use strict";

(() => {
  const part = document.getElementById("account");
  if (!part) return;

  const refresh = callbox.later(async () => {
    const fresh = await callbox.page(part.dataset.livePart);
    const now = fresh && fresh.getElementById("account");
    if (!now || callbox.held(part) || part.querySelector("details[open], [data-still]") || chosen()) return;
    callbox.patch(part, now);
  }, 1500);

  /* A file that was chosen, or a unit, is not taken away from whoever chose it. */
  const chosen = () => [...part.querySelectorAll('input[type="file"]')].some((file) => file.files.length);

  document.addEventListener("live:health", refresh);
  document.addEventListener("live:all", refresh);
})();
