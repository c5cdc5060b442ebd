// The mailbox: folders, reading, writing and replying.
"use strict";
(() => {
  const { ask, make, icon, oops } = window.simulator;
  const $ = (id) => document.getElementById(id);
  const owner = $("mail-owner"), reading = $("reading"), writing = $("writing"), box = document.querySelector(".mail");
  let had = "", mails = { received: [], sent: [] }, folder = "received", open = "", answered = null, files = [], round = 0;

  // --- the folder ---

  function entry(mail) {
    const button = make("button", mail.unread ? "unread" : "");
    const who = make("span", "who");
    who.append(make("span", "", mail.who), make("small", "", mail.when));
    button.append(who, make("span", "subject", mail.subject), make("span", "preview", mail.preview));
    if (mail.unread) button.append(make("span", "unseen", "belum dibaca"));
    button.setAttribute("aria-current", String(mail.id === open));
    button.dataset.id = mail.id;
    button.addEventListener("click", () => show(mail));
    const item = make("li");
    item.append(button);
    return item;
  }

  function list() {
    const focused = document.activeElement && document.activeElement.dataset.id;
    const items = mails[folder].map(entry);
    $("mails").replaceChildren(...(items.length ? items : [make("li", "empty", folder === "received" ? "Belum ada surel masuk." : "Belum ada surel terkirim.")]));
    const again = focused && $("mails").querySelector(`[data-id="${CSS.escape(focused)}"]`);
    if (again) again.focus({ preventScroll: true });
    for (const name of ["received", "sent"]) $(`folder-${name}`).setAttribute("aria-pressed", String(name === folder));
    const unread = mails.received.filter((mail) => mail.unread).length;
    $("mail-badge").hidden = !unread;
    $("mail-badge").textContent = unread;
    $("folder-received").textContent = unread ? `Kotak masuk (${unread})` : "Kotak masuk";
  }

  // --- reading ---

  function show(mail) {
    open = mail.id;
    const head = make("div", "from"), letter = make("div", "letter"), back = make("button", "back");
    back.append(icon("back"), document.createTextNode("Kembali"));
    back.addEventListener("click", () => { box.dataset.view = "list"; });
    head.append(make("b", "", mail.who), make("small", "", `<${mail.address}>`), make("time", "", mail.full));
    letter.innerHTML = mail.html; // made and escaped by the server
    reading.replaceChildren(back, make("h2", "", mail.subject), head, letter);
    for (const [name, size] of mail.files) {
      const file = make("span", "doc");
      file.append(icon("clip"), make("span", "", name), make("small", "", size));
      reading.append(file);
    }
    if (folder === "received") {
      const reply = make("button", "primary");
      reply.append(icon("reply"), document.createTextNode("Balas"));
      reply.addEventListener("click", () => write(mail));
      reading.append(make("div"), reply);
    }
    view("reading");
    if (mail.unread) {
      mail.unread = false;
      ask("/simulator/surat/dibaca", { owner: owner.value, id: mail.id }).catch(() => {});
    }
    list();
  }

  function view(name) {
    reading.hidden = name !== "reading";
    writing.hidden = name !== "writing";
    box.dataset.view = name === "list" ? "list" : "open";
    if (name === "list") reading.hidden = false;
  }

  // --- writing ---

  function write(mail) {
    answered = mail;
    $("writing-title").textContent = mail ? `Balas ${mail.who}` : "Surel baru";
    $("to-row").hidden = Boolean(mail);
    $("subject").value = mail ? (/^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`) : "";
    $("mail-text").value = "";
    files = [];
    chips();
    view("writing");
    (mail ? $("mail-text") : $("to")).focus();
  }

  async function send(event) {
    event.preventDefault();
    const mail = {
      owner: owner.value, office: $("to").value, subject: $("subject").value, text: $("mail-text").value, files,
      reply_to: answered && answered.id,
    };
    try {
      await ask("/simulator/surat", mail);
    } catch {
      oops("Surel belum terkirim. Coba lagi.");
      return;
    }
    reading.replaceChildren(make("p", "empty", "Surel terkirim. Balasannya muncul di kotak masuk."));
    open = "";
    view("list");
    look();
  }

  function chips() {
    const row = $("mail-chips");
    row.hidden = !files.length;
    row.replaceChildren(...files.map((file, number) => {
      const chip = make("button", "", `${file.name} ✕`);
      chip.type = "button";
      chip.setAttribute("aria-label", `Buang lampiran ${file.name}`);
      chip.addEventListener("click", () => { files.splice(number, 1); chips(); });
      return chip;
    }));
  }

  // --- looking ---

  async function look() {
    const mine = ++round;
    try {
      const found = await ask(`/simulator/surat?owner=${owner.value}&had=${had}`);
      if (mine !== round) return;
      had = found.has;
      if (found.received) { mails = found; list(); }
    } catch { /* the phone tells that the connection is gone */ }
  }

  function chosen() {
    had = ""; open = "";
    mails = { received: [], sent: [] };
    reading.replaceChildren(make("p", "empty", "Pilih surel untuk membacanya."));
    view("list");
    list();
    look();
  }

  for (const name of ["received", "sent"]) $(`folder-${name}`).addEventListener("click", () => { folder = name; list(); });
  $("compose").addEventListener("click", () => write(null));
  $("discard").addEventListener("click", () => view("list"));
  writing.addEventListener("submit", send);
  $("mail-file").addEventListener("change", (event) => {
    files = [...event.target.files].slice(0, 5).map((f) => ({ name: f.name, type: f.type, size: f.size }));
    event.target.value = "";
    chips();
  });
  owner.addEventListener("change", chosen);
  $("owner").addEventListener("change", () => { owner.value = $("owner").value; chosen(); });
  owner.value = $("owner").value;
  chosen();
  setInterval(look, 1000);
})();
