/* Live updates. A message carries topics and nothing else; each becomes a DOM event
   `live:<first word>` with the whole topic, and whoever shows it fetches it again through an
   ordinary view, which knows what this member may see. */
"use strict";

(() => {
  const url = callbox.body.dataset.live;
  const banner = document.getElementById("offline");
  if (!url || !window.EventSource || !banner) return;

  let source = null;
  let lastLive = new Date();
  let lost = 0;

  const clock = (time) => time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

  const offline = () => {
    banner.querySelector("b").textContent = banner.dataset.words.replace("{time}", clock(lastLive));
    banner.hidden = false;
    document.documentElement.dataset.offline = "yes";
  };

  const online = () => {
    clearTimeout(lost);
    lost = 0;
    lastLive = new Date();
    if (banner.hidden) return;
    banner.hidden = true;
    delete document.documentElement.dataset.offline;
    fire("all"); // we may have missed anything
    document.dispatchEvent(new CustomEvent("callbox:online"));
  };

  const fire = (topic) => {
    const name = topic.split(":")[0];
    document.dispatchEvent(new CustomEvent(`live:${name}`, { detail: topic, bubbles: true }));
  };

  const read = (event) => {
    online();
    const topics = event.data.split(/\s+/).filter(Boolean);
    // Too many at once come as "inbox" alone: then anything may have changed.
    if (topics.length === 1 && topics[0] === "inbox") fire("all");
    else topics.forEach(fire);
  };

  /* The stream begins with its process's number: another one has forgotten what we missed. */
  let speaker = "";
  const hello = (event) => {
    online();
    if (speaker && speaker !== event.data) fire("all");
    speaker = event.data;
  };

  const open = () => {
    if (source) source.close();
    source = new EventSource(url);
    source.onopen = online;
    source.addEventListener("hello", hello);
    source.addEventListener("beat", online);
    source.addEventListener("topics", read);
    source.onerror = () => {
      if (!lost) lost = setTimeout(offline, 8000);
      // A refused stream (signed out, server gone) is not tried again by the browser itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000 + Math.random() * 5000);
    };
  };

  open();
  window.addEventListener("offline", offline);
  window.addEventListener("online", open);
  window.addEventListener("pagehide", () => source && source.close());
  window.addEventListener("pageshow", (event) => event.persisted && open());
})();
