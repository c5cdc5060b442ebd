// The phone: shows what the network delivered, hands in what its owner types, reports what he has read.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const chat = $("chat"), text = $("text"), owner = $("owner"), office = $("office");
  const WAIT = 1000;
  let had = "", files = [], pending = [], waitingSince = 0, count = -1, round = 0;

  const ask = async (path, body) => {
    const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
    const response = await fetch(path, options);
    if (!response.ok) throw new Error(response.status);
    return response.json();
  };
  const make = (tag, name, content) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (content !== undefined) element.textContent = content;
    return element;
  };
  const icon = (name, extra = "") => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", `icon ${extra}`);
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `/static/icons.svg#${name}`);
    svg.append(use);
    return svg;
  };
  const oops = (words) => {
    const note = make("p", "oops", words);
    note.setAttribute("role", "alert");
    document.body.append(note);
    setTimeout(() => note.remove(), 4000);
  };
  window.simulator = { ask, make, icon, oops };
  const here = () => ({ office: office.value, owner: owner.value });

  // --- bubbles ---

  const TICKS = { waiting: ["wait", "menunggu"], sent: ["tick", "terkirim"], received: ["ticks", "sampai"], read: ["ticks", "dibaca"] };

  function bubble(message) {
    const item = make("li", message.mine ? "b mine" : "b");
    const body = make("div", "text");
    for (const [name, size] of message.files) {
      const file = make("div", "doc");
      file.append(icon("file"), make("span", "", name), make("small", "", size));
      body.append(file);
    }
    const said = make("span");
    said.innerHTML = message.html; // made and escaped by the server
    const foot = make("span", "foot");
    foot.append(make("time", "", message.clock));
    if (message.mine) {
      const [name, words] = TICKS[message.ticks];
      foot.append(icon(name, message.ticks), make("span", "unseen", words));
    }
    body.append(said, foot);
    item.append(body);
    if (message.buttons.length) item.append(taps(message));
    return item;
  }

  function taps(message) {
    const row = make("div", "taps");
    if (message.buttons.length > 3) {
      const open = make("button", message.tapped ? "done" : "", message.tapped || "Lihat pilihan");
      open.prepend(icon("list"));
      open.addEventListener("click", () => pick(message.buttons));
      row.append(open);
      return row;
    }
    for (const [key, title] of message.buttons) {
      const tap = make("button", message.tapped ? "done" : "", title);
      tap.prepend(icon("reply"));
      tap.addEventListener("click", () => send(title, key));
      row.append(tap);
    }
    return row;
  }

  function pick(buttons) {
    const list = $("picker-list");
    list.replaceChildren(...buttons.map(([key, title]) => {
      const choice = make("button", "", title);
      choice.value = key;
      choice.addEventListener("click", () => send(title, key));
      return choice;
    }));
    const picker = $("picker"), place = document.querySelector(".phone").getBoundingClientRect();
    picker.style.left = `${place.left}px`;
    picker.style.width = `${place.width}px`;
    picker.style.bottom = `${innerHeight - place.bottom}px`;
    picker.showModal();
  }

  let atEnd = true;
  chat.addEventListener("scroll", () => { atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60; });
  new ResizeObserver(() => { if (atEnd) chat.scrollTop = chat.scrollHeight; }).observe(chat);

  function show(messages) {
    const items = [];
    let day = "";
    for (const message of messages) {
      if (message.day !== day) items.push(make("li", "day", day = message.day));
      items.push(bubble(message));
    }
    items.push(...pending.map(bubble));
    if (!messages.length && !pending.length) {
      items.push(make("li", "hello", "Belum ada percakapan. Ketik pertanyaan di bawah, misalnya “jam buka hari Jumat?” atau “mau tanya petugas”."));
    }
    const focused = [...chat.querySelectorAll("button")].indexOf(document.activeElement);
    chat.replaceChildren(...items);
    const again = chat.querySelectorAll("button")[focused];
    if (focused >= 0) (again || text).focus({ preventScroll: true });
    if (atEnd || messages.length !== count) {
      chat.scrollTop = chat.scrollHeight;
      atEnd = true;
    }
    count = messages.length;
  }

  // --- sending ---

  async function send(words, button = null) {
    const sent = files;
    if (!words && !sent.length) return;
    files = [];
    showChips();
    pending.push({ mine: true, html: escaped(words), clock: "", ticks: "waiting", buttons: [], files: sent.map((f) => [f.name, ""]) });
    show(shown);
    chat.scrollTop = chat.scrollHeight;
    try {
      await ask("/simulator/ponsel", { ...here(), text: words, button, files: sent });
      waitingSince = Date.now();
    } catch {
      files = sent;
      showChips();
      if (!button) text.value = text.value || words;
      oops("Pesan belum terkirim. Coba lagi.");
    }
    pending = [];
    had = "";
    look();
  }

  const escaped = (words) => {
    const span = make("span", "", words);
    return span.innerHTML.replaceAll("\n", "<br>");
  };

  function showChips() {
    const chips = $("chips");
    chips.hidden = !files.length;
    chips.replaceChildren(...files.map((file, number) => {
      const chip = make("button", "", `${file.name} ✕`);
      chip.type = "button";
      chip.setAttribute("aria-label", `Buang lampiran ${file.name}`);
      chip.addEventListener("click", () => { files.splice(number, 1); showChips(); });
      return chip;
    }));
  }

  // --- looking ---

  let shown = [];
  async function look() {
    const mine = ++round;
    const { office: code, owner: person } = here();
    try {
      const found = await ask(`/simulator/ponsel?office=${code}&owner=${person}&had=${had}`);
      if (mine !== round) return;
      had = found.has;
      if (found.messages) show(shown = found.messages);
      showClock(found);
      showTyping();
      if (visible() && found.messages && found.messages.some((m) => !m.mine)) await ask("/simulator/ponsel/dibaca", here());
    } catch {
      $("chat-state").textContent = "menyambung kembali…";
    }
  }

  const visible = () => document.visibilityState === "visible" && $("ponsel").offsetParent !== null;

  function showClock(found) {
    $("clock").textContent = found.clock;
    $("hours").textContent = found.state;
    $("state").classList.toggle("open", found.state.startsWith("Kantor buka"));
  }

  function showTyping() {
    const last = shown[shown.length - 1];
    const typing = last && last.mine && Date.now() - waitingSince < 8000;
    $("chat-state").textContent = typing ? "sedang mengetik…" : "akun layanan (simulasi)";
  }

  // --- choosing ---

  function chosen() {
    had = ""; count = -1; shown = []; pending = [];
    $("chat-name").textContent = office.selectedOptions[0].textContent;
    const place = new URL(location);
    place.searchParams.set("kantor", office.value);
    place.searchParams.set("warga", owner.value);
    history.replaceState(null, "", place);
    show([]);
    look();
  }

  function tab(name) {
    document.body.dataset.tab = name;
    for (const other of ["phone", "mail"]) $(`tab-${other}`).setAttribute("aria-selected", String(other === name));
    if (name === "phone") chat.scrollTop = chat.scrollHeight;
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 128)}px`;
  }

  $("say").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = text.value.trim();
    text.value = "";
    grow();
    send(words);
    text.focus();
  });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("say").requestSubmit(); }
  });
  $("file").addEventListener("change", (event) => {
    files = [...event.target.files].slice(0, 5).map((f) => ({ name: f.name, type: f.type, size: f.size }));
    event.target.value = "";
    showChips();
  });
  owner.addEventListener("change", chosen);
  office.addEventListener("change", chosen);
  for (const name of ["phone", "mail"]) $(`tab-${name}`).addEventListener("click", () => tab(name));

  const place = new URL(location).searchParams;
  for (const [select, value] of [[office, place.get("kantor")], [owner, place.get("warga")]]) {
    if ([...select.options].some((option) => option.value === value)) select.value = value;
  }
  chosen();
  setInterval(look, WAIT);
})();
