// The page of the learning loop: a press is a command, its answer is shown below, and the page is read anew.
"use strict";
if ($("#learn")) learning();

function learning() {
  const learn = $("#learn"), said = $("#said"), sure = $("#sure"), tab = learn.dataset.tab;
  const FILE = Number(app.dataset.file), FILES = 10, BEGINS = /^\/(train|compare)\b/;
  // The command that was pressed last and has no answer yet; whether something changed while somebody was writing.
  let waiting = "", stale = false;

  // ---- doing ----
  async function act(path, body, command) {
    waiting = command;
    const id = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
    const answer = await post(path, { id, ...body }).catch(() => null);
    if (answer?.ok) return;
    waiting = "";
    for (const item of learn.querySelectorAll(".leaving")) item.classList.remove("leaving");
    note((answer && await answer.text()) || texts["page-not-sent"], true);
  }
  function press(data, from) {
    from?.closest("[data-item]")?.classList.add("leaving");
    note(""); said.hidden = true;
    act("/press", { data }, data.replace(/^say:/, ""));
  }
  function ask(button) {
    $("#sure-what").textContent = button.dataset.sure; $(".primary", sure).textContent = button.textContent;
    sure.returnValue = "";
    sure.addEventListener("close", () => { if (sure.returnValue === "yes") press(button.dataset.press, button); }, { once: true });
    sure.showModal();
  }

  // ---- the queue ----
  const items = () => [...learn.querySelectorAll("[data-item]")];
  const current = () => document.activeElement?.closest("[data-item]");
  function step(by) {
    const all = items(), at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus(); next?.scrollIntoView({ block: "nearest" });
  }
  function edit(button) {
    const item = button.closest("[data-item]"), form = $("form", item), box = $("textarea", form);
    form.hidden = false; $(".choices", item).hidden = true; button.ariaExpanded = "true";
    box.style.height = `${Math.min(box.scrollHeight + 2, innerHeight * 0.5)}px`;
    box.focus(); box.setSelectionRange(box.value.length, box.value.length); form.scrollIntoView({ block: "nearest" });
  }
  function endEdit(form) {
    const item = form.closest("[data-item]");
    form.hidden = true; form.reset(); $(".choices", item).hidden = false; $("[data-begin-edit]", item).ariaExpanded = "false"; item.focus();
    if (stale) refresh();
  }
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-edit]");
    if (!form) return;
    event.preventDefault();
    const box = $("textarea", form), right = box.value.trim();
    if (!right) return box.focus();
    const data = `say:${form.dataset.edit}${right}`;
    endEdit(form); press(data, form);
  });
  document.addEventListener("click", (event) => {
    const on = (name) => event.target.closest(`[${name}]`);
    let button;
    if ((button = on("data-press"))) { if (button.dataset.sure) ask(button); else press(button.dataset.press, button); }
    else if ((button = on("data-begin-edit"))) edit(button);
    else if ((button = on("data-cancel"))) endEdit(button.closest("form"));
    else if (event.target.closest(".shut")) said.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("[data-edit]");
    if (form) {
      if (event.key === "Escape") { event.preventDefault(); endEdit(form); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (sure.open || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea")) return;
    if (event.key === "Escape") said.hidden = true;
    // The same keys in every alphabet.
    const key = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace("Key", "").toLowerCase();
    if (key === "j" || key === "k") { event.preventDefault(); return step(key === "j" ? 1 : -1); }
    const button = current() && $(`[data-key="${CSS.escape(key)}"]`, current());
    if (button?.checkVisibility()) { event.preventDefault(); button.click(); }
  });

  // ---- files ----
  async function take(list) {
    const files = [], given = [...list].slice(0, FILES);
    note("");
    for (const file of given) {
      const wrong = (key) => note(`${file.name}: ${texts[key]}`, true);
      if (file.size > FILE) return wrong("page-too-large");
      if (!file.size) return wrong("page-empty-file");
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
        if (text.includes("\0")) return wrong("page-not-text");
        files.push({ name: file.name, text });
      } catch { return wrong("page-not-text"); }
    }
    if (!files.length) return;
    note(texts["page-sending"]);
    act("/say", { text: "/train", files }, "/train");
  }
  learn.addEventListener("change", (event) => {
    if (event.target.id !== "give") return;
    take(event.target.files).then(() => { event.target.value = ""; });
  });
  addEventListener("dragover", (event) => { event.preventDefault(); $(".drop")?.classList.add("over"); });
  addEventListener("dragleave", () => $(".drop")?.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault(); $(".drop")?.classList.remove("over");
    if ($("#give")) take(event.dataTransfer.files);
  });

  // ---- reading anew ----
  const writing = () => $("[data-edit]:not([hidden])", learn);
  async function refresh() {
    stale = true;
    if (writing()) return;
    const answer = await fetch(location.pathname).catch(() => null);
    if (answer?.status === 403) return location.reload();
    if (!answer?.ok || writing()) return;
    const next = $("#learn", new DOMParser().parseFromString(await answer.text(), "text/html"));
    stale = false;
    if (next) replace(next);
  }
  // The place of the reader stays: what is open, and what has the focus, or else what now stands there.
  function replace(next) {
    const open = [...learn.querySelectorAll("details[open]")].map((one) => one.dataset.open);
    const item = current(), at = items().indexOf(item), inside = learn.contains(document.activeElement);
    const pressed = inside && document.activeElement.dataset.press, summary = inside && document.activeElement.closest("summary")?.parentElement.dataset.open;
    for (const one of next.querySelectorAll("details")) one.open = open.includes(one.dataset.open);
    learn.replaceChildren(...next.childNodes);
    const find = (name, value) => value && $(`[${name}="${CSS.escape(value)}"]`, learn);
    const where = find("data-press", pressed) || (summary && $("summary", find("data-open", summary))) ||
      find("data-item", item?.dataset.item) || (item && items()[Math.min(at, items().length - 1)]);
    where?.focus({ preventScroll: true });
    if (item) where?.scrollIntoView({ block: "nearest" });
  }

  // ---- what happens right now ----
  function answered(told) {
    const box = document.createElement("template");
    box.innerHTML = told.html;
    if (told.lang && told.lang !== document.documentElement.lang) return location.reload();
    const article = box.content.firstElementChild, bubble = $(".bubble", article);
    if (article.dataset.card) {
      if (BEGINS.test(waiting) && tab !== "/learn/work") return location.assign("/learn/work");
    } else if (/^\/review\b/.test(waiting)) {
      // What waits next stands on the page already.
      note($("p", bubble).textContent); waiting = "";
    } else {
      note(""); $(".words", said).replaceChildren(...bubble.childNodes); said.hidden = false; waiting = "";
    }
    refresh();
  }
  let events, was = false;
  function listen() {
    events = new EventSource("/events");
    events.addEventListener("open", () => { if (was) refresh(); was = true; });
    events.addEventListener("error", () => { if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000); });
    events.addEventListener("notice", (event) => answered(JSON.parse(event.data)));
    for (const kind of ["quiet", "again", "done"]) events.addEventListener(kind, refresh);
  }
  // A page that was left keeps its place in the browser, but none of its few connections to us.
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  // Work of others, and what other processes do, is not told here.
  setInterval(() => { if (document.visibilityState === "visible" && $("[data-going]", learn)) refresh(); }, 3000);
  items()[0]?.focus({ preventScroll: true });
  listen();
}
