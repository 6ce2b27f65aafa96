// The page's one script: sends, listens, shows. All words come from the server.
"use strict";
const $ = (selector, from = document) => from.querySelector(selector);
const app = $("#app"), log = $("#log"), scroll = $("#scroll"), words = $("#words"), palette = $("#palette"), state = $("#state");
const texts = JSON.parse(app.dataset.words || "{}"), commands = JSON.parse(app.dataset.commands || "[]");
const ready = state && state.textContent;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-mend]");
  if (!button) return;
  button.disabled = true;
  await post("/work", { what: button.dataset.mend });
  location.reload();
});

function post(path, body) {
  return fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

if (log) chat();

function chat() {
  let files = [], streaming = null, busy = false;
  const outbox = JSON.parse(localStorage.getItem("outbox") || "[]");
  const keep = () => localStorage.setItem("outbox", JSON.stringify(outbox));
  const element = (html) => { const box = document.createElement("template"); box.innerHTML = html; return box.content.firstElementChild; };
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; };
  const follow = (change) => { const there = atEnd(); change(); if (there) toEnd(); };
  const setBusy = (on) => { busy = on; $("#stop").hidden = !on; state.textContent = on ? "…" : ready; };

  function decorate(root) {
    for (const pre of root.querySelectorAll("pre")) {
      if ($("button", pre)) continue;
      const copy = document.createElement("button");
      copy.textContent = texts["page-copy"]; copy.dataset.copyCode = "";
      pre.append(copy);
    }
  }
  function addMine(text, names) {
    $(".welcome")?.remove();
    const article = document.createElement("article"), bubble = document.createElement("div");
    article.className = "mine"; bubble.className = "bubble"; bubble.dir = "auto";
    bubble.textContent = [text, ...names.map((name) => "📎 " + name)].filter(Boolean).join("\n");
    article.append(bubble); log.append(article); toEnd();
  }
  function place(html, exchange) {
    follow(() => {
      const fresh = element(html);
      decorate(fresh);
      const old = exchange && log.querySelector(`article[data-exchange="${CSS.escape(exchange)}"]`);
      if (streaming) { streaming.replaceWith(fresh); } else if (old) { old.replaceWith(fresh); } else { log.append(fresh); }
      streaming = null;
    });
  }

  async function flush() {
    while (outbox.length) {
      const item = outbox[0];
      try {
        const answer = await post(item.path, item.body);
        if (answer.status === 403) return location.reload();
        if (answer.status === 503) throw new Error();
        if (!answer.ok) note(texts["page-not-sent"]);
        outbox.shift(); keep();
      } catch { $("#offline").hidden = false; setTimeout(flush, 3000); return; }
    }
    $("#offline").hidden = true;
  }
  function send(path, body) {
    outbox.push({ path, body: { id: crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + Math.random(), ...body } });
    keep(); if (outbox.length === 1) flush();
  }
  function note(text) { state.textContent = text; setTimeout(() => { state.textContent = busy ? "…" : ready; }, 4000); }
  function say(text) {
    if (!text.trim() && !files.length) return;
    const stop = text.trim() === "/stop";
    if (!stop) addMine(text, files.map((file) => file.name));
    send("/say", { text, files }); files = []; showFiles();
    if (!stop) setBusy(true);
  }

  $("#box").addEventListener("submit", (event) => { event.preventDefault(); say(words.value); words.value = ""; grow(); palette.hidden = true; });
  $("#stop").addEventListener("click", () => send("/press", { data: "stop" }));
  const grow = () => { words.style.height = "auto"; words.style.height = Math.min(words.scrollHeight, innerHeight * 0.4) + "px"; localStorage.setItem("draft", words.value); };
  words.value = localStorage.getItem("draft") || ""; grow();
  words.addEventListener("input", () => { grow(); suggest(); });
  words.addEventListener("keydown", (event) => {
    const open = !palette.hidden, items = [...palette.children], at = items.findIndex((item) => item.classList.contains("on"));
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      items[at]?.classList.remove("on");
      const next = items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length];
      next.classList.add("on"); next.scrollIntoView({ block: "nearest" });
    } else if (open && event.key === "Tab" && items[at]) { event.preventDefault(); items[at].click(); }
    else if (open && event.key === "Escape") { palette.hidden = true; }
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && items[at] && words.value.trim() !== items[at].dataset.pick) items[at].click(); else $("#box").requestSubmit();
    }
  });
  function suggest() {
    const typed = /^\/(\S*)$/.exec(words.value);
    const found = typed ? commands.filter((command) => command.name.startsWith(typed[1].toLowerCase())) : [];
    palette.hidden = !found.length; palette.replaceChildren();
    for (const command of found) {
      const item = document.createElement("button"), name = document.createElement("code"), help = document.createElement("span");
      item.type = "button"; item.dataset.pick = "/" + command.name;
      name.textContent = "/" + command.name + (command.args ? " " + command.args : ""); help.textContent = command.help;
      item.append(name, help); palette.append(item);
      item.addEventListener("click", () => { words.value = "/" + command.name + (command.args ? " " : ""); palette.hidden = true; words.focus(); if (!command.args) $("#box").requestSubmit(); });
    }
    palette.firstElementChild?.classList.add("on");
  }

  async function take(list) {
    for (const file of list) {
      if (file.size > 1048576) { note(texts["page-too-large"]); continue; }
      try { files.push({ name: file.name, text: new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()) }); }
      catch { note(texts["page-not-text"]); }
    }
    showFiles();
  }
  function showFiles() { const label = $("#box .icon"); label.title = files.map((file) => file.name).join(", "); label.style.color = files.length ? "var(--accent)" : ""; if (files.length) note("📎 " + label.title); }
  $("#file").addEventListener("change", (event) => { take(event.target.files).then(() => { event.target.value = ""; words.focus(); }); });
  addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("drop"); });
  addEventListener("dragleave", () => document.body.classList.remove("drop"));
  addEventListener("drop", (event) => { event.preventDefault(); document.body.classList.remove("drop"); take(event.dataTransfer.files); });
  words.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); take(event.clipboardData.files); } });

  document.addEventListener("click", (event) => {
    const on = (name) => event.target.closest(`[${name}]`);
    let button;
    if ((button = on("data-say"))) { say(button.dataset.say); }
    else if ((button = on("data-press"))) {
      const data = button.dataset.press;
      if (/^(up|down):/.test(data)) { button.parentElement.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen")); button.classList.add("chosen"); }
      else { setBusy(true); }
      send("/press", { data });
    } else if ((button = on("data-correct"))) { correct(button); }
    else if ((button = on("data-copy-code"))) { copy($("code", button.parentElement).textContent, button); }
    else if ((button = on("data-copy"))) { copy($(".bubble", button.closest("article")).innerText, button); }
  });
  function copy(text, button) { navigator.clipboard?.writeText(text); button.title = texts["page-copied"]; note(texts["page-copied"]); }
  function correct(button) {
    const article = button.closest("article");
    if ($(".correct", article)) return;
    const form = document.createElement("form"), box = document.createElement("textarea"), row = document.createElement("div"), ok = document.createElement("button"), no = document.createElement("button");
    form.className = "correct"; row.className = "chips"; box.placeholder = texts["page-correct-ask"]; box.dir = "auto"; no.type = "button";
    ok.textContent = texts["page-send"]; no.textContent = texts["page-cancel"];
    row.append(ok, no); form.append(box, row); article.append(form); box.focus();
    no.addEventListener("click", () => form.remove());
    form.addEventListener("submit", (event) => { event.preventDefault(); if (box.value.trim()) { send("/say", { text: `/correct ${button.dataset.correct} ${box.value.trim()}` }); setBusy(true); form.remove(); } });
  }

  let more = Number(app.dataset.more), loading = false;
  scroll.addEventListener("scroll", async () => {
    if (scroll.scrollTop > 80 || !more || loading) return;
    loading = true;
    const answer = await fetch("/history?before=" + more).catch(() => null);
    if (answer?.ok) {
      const height = scroll.scrollHeight, box = document.createElement("template");
      box.innerHTML = await answer.text(); more = Number(answer.headers.get("x-more"));
      decorate(box.content); log.prepend(box.content); scroll.scrollTop += scroll.scrollHeight - height;
    }
    loading = false;
  });

  let was = false;
  const events = new EventSource("/events");
  const on = (kind, act) => events.addEventListener(kind, (event) => act(event.data ? JSON.parse(event.data) : {}));
  events.addEventListener("open", () => { if (was) location.reload(); was = true; $("#offline").hidden = true; flush(); });
  events.addEventListener("error", () => { $("#offline").hidden = false; });
  events.addEventListener("again", () => location.reload());
  on("thinking", () => follow(() => { setBusy(true); streaming?.remove(); streaming = element('<article class="theirs thinking"><div class="bubble"><i></i><i></i><i></i></div></article>'); log.append(streaming); }));
  on("text", (told) => follow(() => { const fresh = element(told.html); decorate(fresh); if (streaming) streaming.replaceWith(fresh); else log.append(fresh); streaming = fresh; }));
  on("done", (told) => { place(told.html, told.exchange); setBusy(false); });
  on("notice", (told) => { place(told.html, ""); setBusy(false); if (/\/lang /.test(document.body.dataset.last || "")) location.reload(); });
  on("quiet", () => { streaming?.remove(); streaming = null; setBusy(false); });
  document.addEventListener("click", (event) => { const said = event.target.closest("[data-say]"); if (said) document.body.dataset.last = said.dataset.say; });
  decorate(log); toEnd();
}
