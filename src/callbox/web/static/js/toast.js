/* Toasts: ten seconds to take it back. What counts down is only shown here; the server decides. */
"use strict";

(() => {
  const region = document.getElementById("toasts");
  if (!region) return;
  let timer = 0;

  const begin = () => {
    clearInterval(timer);
    const toast = region.querySelector(".toast");
    if (!toast) return;
    let left = Number(toast.dataset.seconds || 6);
    const counter = toast.querySelector("[data-countdown]");
    timer = setInterval(() => {
      if (toast.matches(":hover, :focus-within") && !counter) return;
      left -= 1;
      if (counter) counter.textContent = String(Math.max(left, 0));
      if (left <= 0) {
        clearInterval(timer);
        if (toast.contains(document.activeElement)) document.getElementById("main").focus();
        toast.remove();
      }
    }, 1000);
  };

  new MutationObserver(begin).observe(region, { childList: true });
  begin();

  /* Under a reply that waits: "Goes out in 7 s". */
  setInterval(() => {
    for (const line of document.querySelectorAll("[data-goes-out]")) {
      const left = Math.ceil(Number(line.dataset.goesOut) - Date.now() / 1000);
      line.textContent = left > 0 ? line.dataset.words.replace("{seconds}", left) : line.dataset.now;
    }
  }, 1000);
})();
