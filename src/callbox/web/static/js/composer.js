/* The composer: how long, for whom, pictures with their words, and a draft that is never lost. */
"use strict";

(() => {
  const form = () => document.getElementById("composer");
  const field = () => document.getElementById("text");
  const lane = () => form()?.querySelector('[name="lane"]:checked')?.value || "note";
  const key = () => `callbox.draft.${form()?.dataset.id}`;
  let said = ""; // what the server already has
  let saving = Promise.resolve(); // the last draft on its way there
  let savedAt = 0;

  /* --- counting, as each network counts ----------------------------------------------------- */
  const graphemes = window.Intl && Intl.Segmenter ? new Intl.Segmenter() : null;
  const measure = (text, unit) => {
    if (unit === "graphemes" && graphemes) return [...graphemes.segment(text)].length;
    return [...text].length;
  };
  const count = () => {
    const place = document.getElementById("count");
    if (!form() || !place || !field()) return;
    const limit = JSON.parse(form().dataset.limits || "{}")[lane()];
    if (!limit || !limit.text) { place.textContent = ""; return; }
    const used = measure(field().value, limit.unit) + (limit.signature || 0);
    const over = used - limit.text;
    place.classList.toggle("count--over", over > 0);
    place.textContent = over > 0 ? place.dataset.over.replace("{n}", over)
      : place.dataset.words.replace("{n}", used).replace("{limit}", limit.text);
  };

  /* --- drafts: this device at once, the server a moment later ------------------------------- */
  const tell = (words) => {
    const place = document.getElementById("saved");
    if (place) place.textContent = words || "";
  };
  const keep = () => {
    try {
      if (field().value) localStorage.setItem(key(), JSON.stringify({ text: field().value, lane: lane() }));
      else localStorage.removeItem(key());
    } catch { /* a full or forbidden store loses nothing: the server keeps drafts too */ }
  };
  const save = async () => {
    if (!form() || !field() || said === lane() + field().value) return;
    const now = lane() + field().value;
    const place = document.getElementById("saved");
    saving = callbox.post(form().dataset.draft, { text: field().value, lane: lane() });
    savedAt = Date.now();
    const arrived = await saving;
    if (arrived) said = now;
    if (place && place.isConnected) tell(arrived ? place.dataset.saved : place.dataset.local);
  };
  const soon = callbox.later(save, 1200);
  const changed = () => { keep(); count(); tell(""); soon(); };

  document.addEventListener("input", (event) => {
    if (event.target.id === "text") changed();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "lane") { count(); changed(); }
  });
  document.addEventListener("callbox:leaving", save);
  document.addEventListener("callbox:online", save);
  window.addEventListener("pagehide", save);

  /** A composer has come: bring back words that the server never got. */
  const begin = () => {
    if (!form() || !field()) return;
    said = lane() + field().value;
    try {
      const kept = JSON.parse(localStorage.getItem(key()) || "null");
      if (kept && kept.text && !field().value) {
        field().value = kept.text;
        const choice = form().querySelector(`[name="lane"][value="${CSS.escape(kept.lane)}"]`);
        if (choice && !choice.disabled) choice.checked = true;
      }
    } catch { /* nothing kept */ }
    count();
  };
  begin();
  document.addEventListener("callbox:pane", begin);

  /* --- keys --------------------------------------------------------------------------------- */
  const choose = (value) => {
    const choice = form()?.querySelector(`[name="lane"][value="${value}"]:not(:disabled)`);
    if (choice) choice.checked = true;
    count();
    field()?.focus();
  };
  document.addEventListener("callbox:reply", () => {
    if (lane() === "note") choose(form()?.querySelector('[value="public"]:not(:disabled)') ? "public" : "private");
    field()?.focus();
  });
  document.addEventListener("callbox:note", () => choose("note"));
  document.addEventListener("callbox:escape", () => {
    if (document.activeElement === field()) {
      save();
      document.querySelector('#rows .conv[tabindex="0"]')?.focus();
    }
  });

  /* --- pictures: none goes without words ---------------------------------------------------- */
  let pictures = []; // { file, alt }
  const input = () => form()?.querySelector('[name="images"]');

  const part = (picture, at) => {
    const row = document.createElement("div");
    row.className = "pic";
    row.innerHTML = '<img alt=""><div><label class="label"></label><input class="input" name="alts" required><p class="hint"></p></div><button type="button" class="btn btn--sm"></button>';
    const [image, holder, out] = row.children;
    image.src = URL.createObjectURL(picture.file);
    const [label, alt, hint] = holder.children;
    label.htmlFor = alt.id = `alt-${at}`;
    label.textContent = input().dataset.label;
    alt.value = picture.alt;
    alt.addEventListener("input", () => { picture.alt = alt.value; });
    hint.textContent = `${input().dataset.hint} ${picture.file.name}`;
    out.textContent = input().dataset.remove;
    out.addEventListener("click", () => { pictures.splice(at, 1); showPictures(); });
    return row;
  };

  /** The file field holds exactly the chosen pictures, in the order of their words. */
  const showPictures = () => {
    if (!input()) return;
    const box = new DataTransfer();
    pictures.forEach(({ file }) => box.items.add(file));
    input().files = box.files;
    document.getElementById("pictures").replaceChildren(...pictures.map(part));
  };

  document.addEventListener("change", (event) => {
    if (event.target.name !== "images") return;
    const most = Number(event.target.dataset.most || 1);
    const chosen = [...pictures, ...[...event.target.files].map((file) => ({ file, alt: "" }))];
    pictures = chosen.slice(0, most);
    showPictures();
    if (chosen.length > most) tell(event.target.dataset.many);
    document.querySelector("#pictures .pic:last-child input")?.focus();
  });

  /* --- sending ------------------------------------------------------------------------------ */
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.requestConfig?.elt?.id !== "composer") return;
    if (event.detail.xhr.status >= 400) { // not taken: words came back, pictures are still here
      showPictures();
      count();
      field()?.focus();
    } else {
      pictures = [];
      begin();
    }
  });
  document.body.addEventListener("callbox:sent", (event) => {
    try { localStorage.removeItem(`callbox.draft.${event.detail.id}`); } catch { /* none */ }
    // A draft that left just before its answer may arrive just after it, and would stay.
    const { draft } = form().dataset;
    const values = { text: "", lane: lane() };
    if (Date.now() - savedAt < 5000) saving.then(() => callbox.post(draft, values));
    if (field()) field().value = "";
    begin();
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const button = event.target.id === "composer" && event.target.querySelector("[data-key=send]");
    if (button) button.setAttribute("aria-busy", "true");
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    if (event.target.id !== "composer") return;
    event.target.querySelector("[data-key=send]").removeAttribute("aria-busy");
    tell(document.getElementById("saved").dataset.local);
  });

  /* A composer with nobody's words in it may follow the conversation (closed, reopened, seen). */
  /* While the caret is here, only what stands around it: which lanes are open, and why not. */
  const renewed = (fresh) => {
    let some = false;
    for (const place of [".cmp__tabs", ".cmp__under"]) {
      const old = form().querySelector(place);
      const part = fresh.querySelector(place);
      if (!old || !part || callbox.held(old) || old.textContent === part.textContent) continue;
      callbox.patch(old, part);
      some = true;
    }
    return some;
  };

  document.addEventListener("callbox:composer", (event) => {
    const fresh = event.detail;
    if (!form() || !fresh || field()?.value || pictures.length) return;
    if (!callbox.held(form())) callbox.patch(form(), fresh);
    else if (!renewed(fresh)) return;
    begin();
  });
})();
