// The page's one script: sends, listens, shows. All words come from the server, and so does all HTML.
"use strict";
const $ = (selector, from = document) => from.querySelector(selector);
const app = $("#app"), texts = JSON.parse(app.dataset.words || "{}");

const post = (path, body) =>
  fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// One line about what was done just now. What went wrong stays until something new is said.
let noteEnds = 0;
function note(text, stays = false) {
  const line = $("#note");
  clearTimeout(noteEnds);
  line.textContent = text; line.hidden = !text; line.classList.toggle("wrong", stays);
  if (text && !stays) noteEnds = setTimeout(note, 5000, "");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-mend]");
  if (!button) return;
  button.disabled = true;
  await post("/work", { what: button.dataset.mend }).catch(() => null);
  location.reload();
});

if ($("#log")) chat();

function chat() {
  const log = $("#log"), scroll = $("#scroll"), words = $("#words"), palette = $("#palette"), state = $("#state");
  const commands = JSON.parse(app.dataset.commands), ready = state.textContent;
  const FILE = Number(app.dataset.file), MESSAGE = Number(app.dataset.message), FILES = 10, LONG = 40000;

  // What this browser remembers: what is not sent yet, what is not answered yet, the draft.
  const key = (name) => `${app.dataset.reader}:${name}`;
  const recall = (name) => { try { return JSON.parse(localStorage.getItem(key(name))); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(key(name), JSON.stringify(value)); } catch { /* full: memory has it */ } };
  const outbox = recall("outbox") || [];
  let pending = recall("pending") || [];
  // Files are too large to be remembered: what still brings some is lost with the page.
  const brings = (id) => outbox.some((item) => item.given && item.body.id === id);
  const keepAll = () => { keep("outbox", outbox.filter((item) => !item.given)); keep("pending", pending.filter((one) => !brings(one.id))); };

  let files = [], streaming = null, asked = false, connected = false, corrected = false, misheard = "", aloud = false, sending = null;
  const sounds = players(log);

  // ---- the log ----
  const parse = (html) => { const box = document.createElement("template"); box.innerHTML = html; decorate(box.content); return box.content; };
  const mine = (id) => log.querySelector(`[data-message="${CSS.escape(id)}"]`);
  const answerOf = (id) => log.querySelector(`[data-exchange="${CSS.escape(id)}"]`);
  // Whoever looks at the end keeps looking at the end.
  let atEnd = true;
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; };
  scroll.addEventListener("scroll", () => { atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120; });
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(scroll);
  const follow = (change) => {
    change();
    $(".welcome").hidden = log.childElementCount > 0;
    if (atEnd) toEnd();
  };
  function refresh() {
    const busy = Boolean(streaming || asked || pending.length);
    const something = Boolean(words.value.trim() || files.length);
    $("#stop").hidden = !busy; $("#send").hidden = (busy || voice.can) && !something; $("#record").hidden = !voice.can || something || busy;
    log.setAttribute("aria-busy", String(Boolean(streaming)));
    letGo([...files, ...outbox.flatMap((item) => item.given || [])]);
    state.textContent = busy ? streaming?.dataset.doing || texts["page-thinking"] : ready; state.classList.toggle("busy", busy);
  }
  function decorate(root) {
    for (const pre of root.querySelectorAll("pre")) {
      if (pre.parentElement?.classList.contains("code")) continue;
      const frame = document.createElement("div"), copy = document.createElement("button");
      frame.className = "code"; copy.type = "button"; copy.textContent = texts["page-copy"]; copy.dataset.copyCode = "";
      pre.replaceWith(frame); frame.append(pre, copy); pre.tabIndex = 0;
    }
    for (const link of root.querySelectorAll(".bubble a[href^=http]")) { link.target = "_blank"; link.rel = "noopener noreferrer"; }
  }
  function addMine({ id, text, names = [] }, brought = []) {
    const article = document.createElement("article"), bubble = document.createElement("div"), box = document.createElement("div"), line = document.createElement("p");
    article.className = "mine new"; article.dataset.message = id; bubble.className = "bubble"; bubble.dir = "auto"; box.className = "brought"; line.className = "words";
    const known = brought.length ? [] : names.map((name) => "📎 " + name);
    line.textContent = [text, ...known].filter(Boolean).join("\n");
    if (brought.length) {
      const progress = document.createElement("progress");
      progress.className = "sending"; progress.max = brought.reduce((sum, one) => sum + one.file.size, 0); progress.value = 0; progress.ariaLabel = texts["page-sending"];
      box.append(...brought.map(shownGiven)); bubble.append(box, progress);
    }
    if (line.textContent) bubble.append(line);
    article.classList.toggle("waiting", outbox.some((item) => item.body.id === id));
    article.append(bubble); log.append(article);
  }
  // Puts something where it belongs: after the question that is being handled, else at the end.
  function put(node) {
    const question = pending.length && mine(pending[0].id);
    if (question) question.after(node); else log.append(node);
  }
  const settled = (id) => { pending = pending.filter((one) => one.id !== id); keepAll(); };

  // ---- sending ----
  let flushing = false;
  async function flush() {
    if (flushing || !connected) return;
    flushing = true;
    while (outbox.length && connected) {
      const item = outbox[0];
      if (item.given && !(await bring(item))) { if (outbox[0] === item) { setTimeout(flush, 2000); break; } continue; }
      const answer = await post(item.path, item.body).catch(() => null);
      if (!answer || answer.status === 503) {
        if (answer) note(await answer.text(), true);
        setTimeout(flush, 2000);
        break;
      }
      if (answer.status === 403 && (await fetch("/history").catch(() => null))?.status === 403) return location.reload();
      outbox.shift(); keepAll();
      mine(item.body.id)?.classList.remove("waiting");
      if (answer.ok) { if (item.thanks) note(item.thanks); } else refused(item, await answer.text());
    }
    flushing = false;
  }
  // Sends the files of a message before it; false when it cannot be sent now, or not at all.
  async function bring(item) {
    const line = $("progress", mine(item.body.id) || log);
    let before = 0;
    for (const one of item.given) {
      if (!one.id) {
        sending = upload(one, (bytes) => { if (line) line.value = before + bytes; });
        const told = await sending.done;
        sending = null;
        if (!told) return false;
        if (!told.id) { outbox.shift(); refused(item, told.ended ? " " : told.why && `${one.name}: ${told.why}`); return false; }
        one.id = told.id;
      }
      before += one.file.size;
      if (line) line.value = before;
    }
    item.body.uploads = item.given.map((one) => one.id);
    delete item.given; line?.remove(); keepAll();
    return true;
  }
  function refused(item, why) {
    asked = false; settled(item.body.id); mine(item.body.id)?.remove();
    if (item.given && !files.length) { files = item.given.filter((one) => !one.ms); showFiles(); }
    if (item.body.text && !words.value) { words.value = item.body.text; grow(); }
    note((why || texts["page-not-sent"]).trim(), true);
    follow(refresh);
  }
  function send(path, body, more = {}) {
    const id = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
    outbox.push({ path, body: { id, ...body }, ...more });
    return id;
  }
  function say(text, shown = true, brought = files) {
    text = text.trim();
    if (!text && !brought.length) return false;
    if (new Blob([text]).size > MESSAGE) { note(texts["page-too-much"], true); return false; }
    const heard = misheard && shown && text && brought === files && !files.length ? { heard: misheard } : {};
    const id = send("/say", { text, ...heard }, brought.length ? { given: brought } : {}), names = brought.map((one) => one.name);
    if (text !== "/stop") pending.push({ id, text, names, shown, instead: heard.heard });
    // Whoever speaks is spoken to.
    if (text !== "/stop" && shown) aloud = brought.some((one) => one.sound);
    note(""); if (heard.heard) replyTo(""); keepAll();
    follow(() => { if (shown && text !== "/stop") addMine({ id, text, names }, brought); });
    if (brought === files) { files = []; showFiles(); }
    toEnd(); refresh(); flush();
    return true;
  }
  function press(data, more) { send("/press", { data }, more); keepAll(); flush(); }

  // ---- the composer ----
  function grow() {
    words.style.height = "auto"; words.style.height = `${Math.min(words.scrollHeight, innerHeight * 0.4)}px`;
    keep("draft", words.value); refresh();
  }
  $("#box").addEventListener("submit", (event) => {
    event.preventDefault(); close();
    if (say(words.value)) { words.value = ""; grow(); }
    words.focus();
  });
  $("#stop").addEventListener("click", () => { if (sending) sending.end(); else press("stop"); words.focus(); });
  addEventListener("beforeunload", (event) => { if (outbox.some((item) => item.given)) event.preventDefault(); });
  const voice = recorder((file, ms) => say("", true, [given(file, ms)]));
  // What was heard otherwise than it was said is written anew.
  function replyTo(message, begin = "") {
    misheard = message; $("#replying").hidden = !message; $("#replying span").textContent = message ? texts["page-misheard"] : "";
    if (message) { words.value = begin; grow(); words.focus(); words.select(); }
  }
  $("#replying button").addEventListener("click", () => { replyTo(""); words.focus(); });
  words.addEventListener("input", () => { grow(); suggest(); });
  words.addEventListener("blur", () => setTimeout(() => { if (!palette.contains(document.activeElement)) close(); }, 150));
  words.addEventListener("keydown", (event) => {
    const items = [...palette.children], at = items.findIndex((item) => item.ariaSelected === "true"), open = !palette.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose((at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length);
    } else if (open && event.key === "Tab" && !event.shiftKey) { event.preventDefault(); items[at].click(); }
    else if (open && event.key === "Escape") { event.preventDefault(); close(); }
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && words.value.trim() !== items[at].dataset.pick) items[at].click(); else $("#box").requestSubmit();
    }
  });

  // ---- the palette ----
  function close() { palette.hidden = true; words.ariaExpanded = "false"; words.removeAttribute("aria-activedescendant"); }
  function choose(at) {
    [...palette.children].forEach((item, index) => { item.ariaSelected = String(index === at); });
    const item = palette.children[at];
    item.scrollIntoView({ block: "nearest" }); words.setAttribute("aria-activedescendant", item.id);
  }
  function suggest() {
    const typed = /^\/(\S*)$/.exec(words.value);
    const found = typed ? commands.filter((command) => command.name.startsWith(typed[1].toLowerCase())) : [];
    if (!found.length) return close();
    palette.replaceChildren(...found.map((command, index) => {
      const item = document.createElement("button"), name = document.createElement("code"), help = document.createElement("span");
      item.type = "button"; item.role = "option"; item.id = `option-${index}`; item.tabIndex = -1; item.dataset.pick = "/" + command.name;
      name.textContent = "/" + command.name + (command.args ? " " + command.args : ""); help.textContent = command.help;
      item.append(name, help);
      item.addEventListener("click", () => {
        words.value = "/" + command.name + (command.args ? " " : ""); close(); words.focus(); grow();
        if (!command.args) $("#box").requestSubmit();
      });
      return item;
    }));
    palette.hidden = false; words.ariaExpanded = "true"; choose(0);
  }

  // ---- files ----
  function take(list) {
    note("");
    for (const file of list) {
      const wrong = (key) => note(`${file.name}: ${texts[key]}`, true);
      if (files.length >= FILES) { note(texts["page-too-many"], true); break; }
      if (file.size > FILE) { wrong("page-too-large"); continue; }
      if (!file.size) { wrong("page-empty-file"); continue; }
      files.push(given(file));
    }
    showFiles(); words.focus();
  }
  function showFiles() {
    showGiven($("#files"), files, (index) => { files.splice(index, 1); showFiles(); words.focus(); });
    refresh();
  }
  $("#attach").addEventListener("click", () => $("#file").click());
  $("#file").addEventListener("change", (event) => { take([...event.target.files]); event.target.value = ""; });
  dropping(take);
  words.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain"), pasted = [...event.clipboardData.files].map(named);
    // A book is no message, and would make the box slow.
    if (text.length > LONG && !pasted.length) pasted.push(new File([text], texts["page-pasted"], { type: "text/plain" }));
    if (pasted.length) { event.preventDefault(); take(pasted); }
  });

  // Browsers call every picture that is pasted the same.
  const named = (file) => (file.type === "image/png" && file.name === "image.png" ? new File([file], texts["page-pasted-picture"], { type: file.type }) : file);

  // ---- what may be done with an answer ----
  document.addEventListener("click", (event) => {
    const on = (name) => event.target.closest(`[${name}]`);
    let button;
    if ((button = on("data-say"))) { say(button.dataset.say); }
    else if ((button = on("data-press"))) { pressed(button); }
    else if ((button = on("data-correct"))) { correct(button); }
    else if ((button = on("data-misheard"))) { replyTo(button.dataset.misheard, button.dataset.begin); }
    else if ((button = on("data-copy-code"))) { copy($("pre", button.parentElement).textContent); }
    else if ((button = on("data-copy"))) { copy(plain($(".bubble", button.closest("article")))); }
  });
  function pressed(button) {
    const data = button.dataset.press;
    if (button.closest(".acts") && data.startsWith("say:/say ")) { aloud = true; button.ariaBusy = "true"; return press(data); }
    if (!/^(up|down):/.test(data)) { asked = true; refresh(); return press(data); }
    for (const other of button.parentElement.querySelectorAll("[aria-pressed]")) other.ariaPressed = String(other === button);
    press(data, { thanks: texts["thanks-for-rating"] });
  }
  function plain(bubble) {
    const hidden = [...bubble.querySelectorAll("button")];
    hidden.forEach((button) => { button.hidden = true; });
    const text = bubble.innerText;
    hidden.forEach((button) => { button.hidden = false; });
    return text.trim();
  }
  async function copy(text) {
    try { await navigator.clipboard.writeText(text); }
    catch {
      // Without a secure connection there is only the old way.
      const box = document.createElement("textarea");
      box.value = text; document.body.append(box); box.select(); document.execCommand("copy"); box.remove();
    }
    note(texts["page-copied"]);
  }
  function correct(button) {
    const article = button.closest("article"), known = $(".correct", article);
    if (known) return $("textarea", known).focus();
    const form = document.createElement("form"), box = document.createElement("textarea"), row = document.createElement("div"), ok = document.createElement("button"), no = document.createElement("button");
    form.className = "correct"; row.className = "chips"; box.placeholder = box.ariaLabel = texts["page-correct-ask"]; box.dir = "auto"; box.rows = 3; box.value = button.dataset.begin;
    ok.textContent = texts["page-correct-send"]; ok.className = "primary"; no.textContent = texts["page-cancel"]; no.type = "button";
    row.append(ok, no); form.append(box, row); article.append(form); button.ariaExpanded = "true";
    // Typing replaces the old answer, an arrow or a click begins to edit it.
    box.focus(); box.select(); box.style.height = `${Math.min(box.scrollHeight + 2, innerHeight * 0.4)}px`; form.scrollIntoView({ block: "nearest" });
    const end = () => { form.remove(); button.ariaExpanded = "false"; };
    no.addEventListener("click", () => { end(); button.focus(); });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); no.click(); }
      if (event.target === box && event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const right = box.value.trim();
      if (!right || right === button.dataset.begin.trim()) return box.focus();
      corrected = true; end(); say(`/correct ${button.dataset.correct} ${right}`, false); words.focus();
    });
  }

  // ---- the log from the store: older lines, and what was missed ----
  let more = Number(app.dataset.more), loading = false;
  scroll.addEventListener("scroll", async () => {
    if (scroll.scrollTop > 80 || !more || loading) return;
    loading = true;
    const answer = await fetch(`/history?before=${more}`).catch(() => null);
    if (answer?.ok) {
      const before = scroll.scrollHeight, older = parse(await answer.text());
      more = Number(answer.headers.get("x-more")); log.prepend(older);
      scroll.scrollTop += scroll.scrollHeight - before;
    }
    loading = false;
  });
  async function catchUp() {
    const answer = await fetch("/history").catch(() => null);
    if (answer?.status === 403) return location.reload();
    if (!answer?.ok) return;
    const latest = [...parse(await answer.text()).children];
    for (const article of latest) if (article.dataset.message) settled(article.dataset.message);
    follow(() => {
      let last = null;
      for (const article of latest) last = merge(article, last);
      if (answer.headers.get("x-busy") === "false") { forgetDone(); streaming?.remove(); streaming = null; asked = false; }
    });
    refresh();
  }
  // Puts a line of the log where it belongs, after `last`; what the bot said there meanwhile stays there.
  function merge(article, last) {
    const { message, exchange } = article.dataset, old = (message && mine(message)) || (exchange && answerOf(exchange));
    if (old) {
      if (message || $(".correct", old)) return old;
      old.replaceWith(article);
      return article;
    }
    while (last?.nextElementSibling?.classList.contains("notice")) last = last.nextElementSibling;
    const waiting = pending.map((one) => mine(one.id)).find(Boolean) || streaming;
    if (last) last.after(article); else if (waiting) waiting.before(article); else log.append(article);
    return article;
  }
  // Nothing is being worked on: what is not waiting to be sent was handled.
  function forgetDone() { pending = pending.filter((one) => outbox.some((item) => item.body.id === one.id)); keepAll(); }

  // ---- what happens right now ----
  let events, offlineSoon = 0, was = false;
  function listen() {
    events = new EventSource("/events");
    events.addEventListener("open", async () => {
      connected = true; clearTimeout(offlineSoon); $("#offline").hidden = true;
      if (was) await catchUp();
      was = true; flush();
    });
    events.addEventListener("error", () => {
      connected = false; clearTimeout(offlineSoon);
      offlineSoon = setTimeout(() => { $("#offline").hidden = false; }, 600);
      // The browser gives up for good when something else than the bot answers.
      if (events.readyState === EventSource.CLOSED) { setTimeout(() => { listen(); }, 2000); catchUp(); }
    });
    const on = (kind, act) => events.addEventListener(kind, (event) => { act(event.data ? JSON.parse(event.data) : {}); refresh(); });
    on("again", catchUp);
    on("doing", (told) => follow(() => {
      const fresh = parse(told.html).firstElementChild;
      asked = false;
      if (streaming) streaming.replaceWith(fresh); else put(fresh);
      streaming = fresh;
    }));
    on("text", (told) => follow(() => {
      const fresh = parse(told.html).firstElementChild;
      if (!streaming) { streaming = fresh; put(streaming); }
      streaming.classList.remove("thinking"); delete streaming.dataset.doing; $(".bubble", streaming).replaceChildren(...$(".bubble", fresh).childNodes);
    }));
    on("done", (told) => { follow(() => done(told)); spoken(told); });
    on("notice", (told) => { follow(() => noticed(told)); spoken(told); });
    // What was asked is done, and what it brought was brought beside it: nothing is awaited any more.
    on("quiet", () => follow(() => {
      asked = false;
      if (!streaming || !("doing" in streaming.dataset)) return;
      streaming.remove(); streaming = null;
      if (pending.length) settled(pending[0].id);
    }));
  }
  // A page that was left keeps its place in the browser, but none of its few connections to us.
  addEventListener("pagehide", () => { connected = false; events.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  function done(told) {
    const parts = [...parse(told.html).children], question = parts.find((part) => part.dataset.message), fresh = parts.at(-1), old = answerOf(told.exchange);
    asked = false;
    if (question && !mine(question.dataset.message)) { if (streaming) streaming.before(question); else log.append(question); }
    if (old) { old.replaceWith(fresh); streaming?.remove(); } else if (streaming) streaming.replaceWith(fresh); else put(fresh);
    streaming = null;
    const id = question?.dataset.message, again = pending.find((one) => one.instead === id);
    if (question) settled(id);
    if (again) settled(again.id);
  }
  function noticed(told) {
    const fresh = parse(told.html).firstElementChild, { card, key } = fresh.dataset, beside = "beside" in fresh.dataset;
    const old = [...log.querySelectorAll(".notice")].find((one) => (card && one.dataset.card === card) || (key && one.dataset.key === key));
    if (fresh.classList.contains("aloud")) return said(fresh, old);
    if (old) old.replaceWith(fresh); else fresh.classList.add("new");
    if (beside) {
      // What was heard stands under the recording, before the answer to it.
      const recording = card?.startsWith("heard:") && mine(card.slice(6));
      if (!old) { if (recording) recording.after(fresh); else if (streaming) streaming.before(fresh); else log.append(fresh); }
      return;
    }
    asked = false;
    // An apology stands in the place of the answer that did not come.
    if (streaming?.classList.contains("thinking")) { if (old) streaming.remove(); else streaming.replaceWith(fresh); streaming = null; } else if (!old) put(fresh);
    if (pending.length && !streaming) settled(pending[0].id);
    if (corrected) { corrected = false; catchUp(); }
  }
  function said(fresh, old) {
    for (const button of log.querySelectorAll(".acts [aria-busy]")) button.ariaBusy = null;
    if (old) return;
    fresh.classList.add("new"); log.append(fresh);
    if (aloud) sounds.follow($(".player", fresh));
  }
  function spoken(told) {
    if (!told.lang || told.lang === document.documentElement.lang) return;
    sessionStorage.setItem("told", told.html); location.reload();
  }

  words.value = recall("draft") || ""; decorate(log);
  if (app.dataset.busy !== "true") forgetDone();
  follow(() => {
    for (const one of pending) if (one.shown && !mine(one.id)) addMine(one);
    const told = sessionStorage.getItem("told");
    if (told) { sessionStorage.removeItem("told"); for (const article of [...parse(told).children]) if (article.classList.contains("notice")) log.append(article); }
  });
  grow(); toEnd(); listen();
}
