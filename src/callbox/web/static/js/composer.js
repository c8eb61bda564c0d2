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

  /* --- counting: a guess at once, and a moment later what the network's own rules say --------- */
  const graphemes = window.Intl && Intl.Segmenter ? new Intl.Segmenter() : null;
  const measure = (text, unit) => {
    if (unit === "graphemes" && graphemes) return [...graphemes.segment(text)].length;
    if (unit === "bytes") return new TextEncoder().encode(text).length;
    return [...text].length;
  };
  const rules = () => JSON.parse(form()?.dataset.limits || "{}")[lane()];
  /** The words as they go out: with their writer's name. */
  const whole = () => {
    const text = field().value.trimEnd();
    const { signature } = form().dataset;
    return text.endsWith(signature) ? text : `${text}\n${signature}`;
  };
  let told = {}; // by lane: how far off the guess was, and what only the network's rules can say
  const write = (place, words, over, parts) => {
    place.classList.toggle("count--over", over);
    place.textContent = [parts, words].filter(Boolean).join(" · ");
  };
  const ask = callbox.later(async () => {
    if (!form() || !field() || !rules()?.asks) return;
    const asked = { lane: lane(), text: field().value };
    const guess = measure(whole(), rules().unit);
    const said = await callbox.ask(form().dataset.count, asked);
    if (!said || !form() || !field()) return;
    told[asked.lane] = { off: said.used - guess, parts: said.parts };
    const same = lane() === asked.lane && field().value === asked.text && !pictures.length;
    if (same) write(document.getElementById("count"), said.words, said.over, said.parts);
    else draw();
  }, 400);
  const draw = () => {
    const place = document.getElementById("count");
    if (!form() || !place || !field()) return;
    const limit = rules();
    if (!limit) { write(place, "", false, ""); return; }
    const { off = 0, parts = "" } = (limit.asks && told[lane()]) || {};
    const most = (pictures.length && limit.caption) || limit.text;
    if (!most) { write(place, "", false, parts); return; }
    const used = measure(whole(), limit.unit) + off;
    const over = used - most;
    const words = over > 0 ? place.dataset.over.replace("{n}", over)
      : place.dataset.words.replace("{n}", used).replace("{limit}", most);
    write(place, words, over > 0, parts);
  };
  const count = () => { draw(); ask(); };

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
    if (event.target.name === "lane") { offer(); changed(); }
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
    told = {};
    offer();
    count();
  };
  document.addEventListener("callbox:pane", begin);

  /* --- keys --------------------------------------------------------------------------------- */
  const choose = (value) => {
    const choice = form()?.querySelector(`[name="lane"][value="${value}"]:not(:disabled)`);
    if (choice) choice.checked = true;
    offer();
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

  /* --- pictures and videos: none goes without words ------------------------------------------ */
  let pictures = []; // { file, url, video, alt }
  const input = () => form()?.querySelector('[name="images"]');

  /** What can be added for whom the words are. Nothing is taken out again: the check says so. */
  const offer = () => {
    const files = input();
    const allowed = rules()?.offer;
    if (!files) return;
    const label = files.closest("label");
    label.hidden = lane() !== "note" && !allowed && !pictures.length;
    if (!allowed) return;
    files.accept = allowed.types;
    label.title = label.querySelector(".vh").textContent = allowed.label;
  };

  const part = (picture, at) => {
    const row = document.createElement("div");
    row.className = picture.video ? "pic pic--video" : "pic";
    const preview = picture.video ? '<video controls preload="metadata"></video>' : '<img alt="">';
    row.innerHTML = `${preview}<div><label class="label"></label><input class="input" name="alts" dir="auto" required><p class="hint"></p></div><button type="button" class="btn btn--sm"></button>`;
    const [shown, holder, out] = row.children;
    shown.src = picture.url;
    const [label, alt, hint] = holder.children;
    label.htmlFor = alt.id = `alt-${at}`;
    label.textContent = picture.video ? input().dataset.videoLabel : input().dataset.label;
    alt.value = picture.alt;
    if (picture.video) shown.addEventListener("loadedmetadata", () => tooLong(picture, shown.duration));
    alt.addEventListener("input", () => { picture.alt = alt.value; });
    hint.textContent = `${input().dataset.hint} ${picture.file.name}`;
    out.textContent = input().dataset.remove;
    out.addEventListener("click", () => { takeOut(picture); input().focus(); });
    return row;
  };

  const takeOut = (picture) => {
    pictures = pictures.filter((one) => one !== picture);
    URL.revokeObjectURL(picture.url);
    showPictures();
    count();
  };

  const refuse = (words) => { tell(words); callbox.say(words); };

  /** How long a video plays is known once it is here; some do not say. */
  const tooLong = (picture, seconds) => {
    const { video_seconds: most, video_long: words } = rules()?.offer || {};
    if (!most || !Number.isFinite(seconds) || seconds < most + 1) return;
    takeOut(picture);
    refuse(words.replace("{name}", picture.file.name));
  };

  /** The file field holds exactly the chosen pictures, in the order of their words. */
  const showPictures = () => {
    if (!input()) return;
    const box = new DataTransfer();
    pictures.forEach(({ file }) => box.items.add(file));
    input().files = box.files;
    document.getElementById("pictures").replaceChildren(...pictures.map(part));
  };

  /** Why this file cannot be added to the others, or "". */
  const tooMuch = ({ file, video }, allowed) => {
    const most = video ? allowed.videos : allowed.images;
    const there = pictures.filter((other) => other.video === video).length;
    if (!most) return video ? allowed.no_videos : allowed.no_images;
    if (there >= most) return video ? allowed.videos_many : allowed.images_many;
    const large = file.size > (video ? allowed.video_bytes : allowed.image_bytes);
    return large ? (video ? allowed.video_large : allowed.image_large).replace("{name}", file.name) : "";
  };

  document.addEventListener("change", (event) => {
    if (event.target.name !== "images") return;
    const allowed = rules()?.offer;
    const words = new Set();
    for (const file of allowed ? event.target.files : []) {
      const one = { file, video: file.type.startsWith("video/"), alt: "" };
      const why = tooMuch(one, allowed);
      if (why) words.add(why);
      else pictures.push({ ...one, url: URL.createObjectURL(file) });
    }
    showPictures();
    count();
    if (words.size) refuse([...words].join(" "));
    else document.querySelector("#pictures .pic:last-child input")?.focus();
  });

  /* --- sending ------------------------------------------------------------------------------ */
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.requestConfig?.elt?.id !== "composer") return;
    if (event.detail.xhr.status >= 400) { // not taken: words came back, pictures are still here
      showPictures();
      offer();
      count();
      field()?.focus();
    } else {
      pictures.forEach(({ url }) => URL.revokeObjectURL(url));
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

  begin();
})();
