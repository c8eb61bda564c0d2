/* Small dialogs. Each is a page of its own that works without any of this; here its form is fetched
   into the one <dialog>. */
"use strict";

(() => {
  const dialog = document.getElementById("dialog");
  if (!dialog) return;
  const sheet = dialog.querySelector(".sheet");
  let opener = null;

  const show = async (link) => {
    opener = link;
    const fresh = await callbox.page(link.href);
    const content = fresh && fresh.querySelector(".sheet");
    if (!content) {
      window.location.assign(link.href);
      return;
    }
    sheet.replaceChildren(...content.childNodes);
    htmx.process(sheet);
    if (!dialog.open) dialog.showModal();
    const first = sheet.querySelector("[autofocus]") || sheet.querySelector("h2");
    if (first) first.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      show(link);
    } else if (event.target === dialog || event.target.closest("[data-close]")) {
      if (dialog.open && dialog.contains(event.target)) {
        event.preventDefault();
        dialog.close();
      }
    }
  });

  dialog.addEventListener("close", () => {
    if (opener && opener.isConnected && opener.offsetParent) opener.focus();
    opener = null;
  });

  /* The server says that the deed is done: close, and let the page look again. */
  document.body.addEventListener("callbox:did", () => dialog.open && dialog.close());
})();
