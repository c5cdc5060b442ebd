// The staff inbox works without this file; with it nothing typed is lost, long answers are counted and lists stay fresh.
"use strict";
(() => {
  const officer = document.body.dataset.officer;
  const KEEP_DAYS = 7;
  const key = (field) => `pst-draft:${officer}:${field.dataset.draft}`;

  // --- drafts: what an officer types survives a reload, a lost session and a power cut ---

  function forgetOldDrafts() {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith("pst-draft:")) continue;
      const at = Number(localStorage.getItem(name).split("\n", 1)[0]);
      if (!(Date.now() - at < KEEP_DAYS * 86400000)) localStorage.removeItem(name);
    }
  }

  function draftOf(field) {
    const kept = localStorage.getItem(key(field));
    return kept === null ? "" : kept.slice(kept.indexOf("\n") + 1);
  }

  function keepDraft(field) {
    if (field.value.trim()) localStorage.setItem(key(field), `${Date.now()}\n${field.value}`);
    else localStorage.removeItem(key(field));
  }

  function restoreDrafts() {
    const done = document.querySelector("[data-done]");
    const sent = { dijawab: ":answer", dicatat: ":note" }[done && done.dataset.done];
    for (const field of document.querySelectorAll("[data-draft]")) {
      if (sent && field.dataset.draft.endsWith(sent)) localStorage.removeItem(key(field));
      if (!field.value) field.value = draftOf(field);
      field.addEventListener("input", () => keepDraft(field));
    }
    if (done) history.replaceState(null, "", location.pathname);
  }

  // --- the composer ---

  const FRAME = 150; // characters that our own words around an answer take
  const PART = 1500;
  const number = new Intl.NumberFormat("id-ID");

  function count(field) {
    const output = field.form.querySelector(".length");
    const limit = Number(field.dataset.limit);
    if (!limit) return;
    const length = field.value.length;
    const parts = length + FRAME <= limit ? 1 : Math.ceil((length + FRAME) / PART);
    output.classList.toggle("over", parts > 1);
    output.textContent = `${number.format(length)} / ${number.format(limit)} karakter`
      + (parts > 3 ? " · terlalu panjang, paling banyak 3 pesan" : parts > 1 ? ` · dikirim sebagai ${parts} pesan` : "");
  }

  function composer(form) {
    const field = form.querySelector("textarea");
    field.addEventListener("input", () => count(field));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
    addEventListener("pageshow", () => delete form.dataset.sent);
    count(field);
  }

  // --- what changed while the page was open ---

  function noticeChange() {
    const live = document.getElementById("live");
    const field = document.getElementById("jawaban");
    if (!live || !field) return;
    const seen = live.dataset.seen;
    for (const input of document.querySelectorAll('input[name="seen"]')) {
      if (input.form !== field.form || !field.value.trim()) input.value = seen;
    }
    const mine = field.form.querySelector('input[name="seen"]');
    document.getElementById("berubah").hidden = mine.value === seen;
  }

  function toTheEnd() {
    const box = document.getElementById("gulung"), composer = document.getElementById("tulis");
    if (!box) return;
    if (box.scrollHeight > box.clientHeight + 1) box.scrollTop = box.scrollHeight;
    else if (composer && !document.querySelector(".notice")) composer.scrollIntoView({ block: "end" });
  }

  function atTheEnd() {
    const box = document.getElementById("gulung");
    const scrolls = box && box.scrollHeight > box.clientHeight + 1;
    return scrolls && box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  }

  let follow = false;
  document.addEventListener("htmx:beforeSwap", () => { follow = atTheEnd(); });
  document.addEventListener("htmx:afterSettle", () => {
    noticeChange();
    showOpen();
    if (follow) toTheEnd();
  });

  // --- the list ---

  const title = document.title;
  function showOpen() {
    const desk = document.getElementById("daftar");
    if (desk) document.title = desk.dataset.open === "0" ? title : `(${desk.dataset.open}) ${title}`;
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && document.querySelector('[data-key="/"]')) {
      event.preventDefault();
      document.querySelector('[data-key="/"]').focus();
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest(".lines")) {
      const links = [...document.querySelectorAll(".lines a")];
      const next = links[links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });

  // --- start ---

  forgetOldDrafts();
  restoreDrafts();
  document.querySelectorAll("form[data-composer]").forEach(composer);
  const read = document.getElementById("sudah-baca");
  if (read) read.addEventListener("click", () => {
    const field = document.getElementById("jawaban");
    field.form.querySelector('input[name="seen"]').value = document.getElementById("live").dataset.seen;
    noticeChange();
    field.focus();
  });
  toTheEnd();
  showOpen();
  const problem = document.getElementById("masalah");
  if (problem) problem.focus();
})();
