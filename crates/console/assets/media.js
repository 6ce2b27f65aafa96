// Files, recordings and sounds of the chat: chosen, recorded, sent, played. What it shows comes as forms from the server.
"use strict";

const form = (name) => $(`#form-${name}`).content.cloneNode(true);
const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

// A size as people of the page's language write it.
function sized(bytes) {
  const [unit, divisor] = bytes >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
  const shape = { style: "unit", unit, maximumFractionDigits: bytes >= 1e6 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, shape).format(Math.max(bytes / divisor, 1));
}

// ---- what is going to be sent ----
const addresses = new Set();
// Something that was chosen, dropped, pasted or recorded. `ms` is the length of a recording made here.
function given(file, ms = 0) {
  const picture = PICTURES.includes(file.type), sound = ms > 0 || file.type.startsWith("audio/");
  const url = picture || sound ? URL.createObjectURL(file) : "";
  if (url) addresses.add(url);
  return { file, ms, name: file.name, picture, sound, url, id: "" };
}
// Lets go of files that are neither going to be sent nor shown any more.
function letGo(held) {
  for (const url of addresses) {
    if (held.some((one) => one.url === url) || document.querySelector(`[src="${url}"]`)) continue;
    URL.revokeObjectURL(url); addresses.delete(url);
  }
}

// The same as the server shows of it once it is there.
function shownGiven(one) {
  if (one.sound) return player(one.url, one.ms);
  const link = document.createElement("span");
  if (one.picture) {
    const image = new Image();
    link.className = "thumb"; image.src = one.url; image.alt = one.name; link.append(image);
  } else {
    const name = document.createElement("span");
    link.className = "file"; name.textContent = one.name; link.append(form("file"), name);
  }
  return link;
}

// Sends one file; its name there, a refusal in words, or null when nobody answered.
function upload(one, progress) {
  const ask = new XMLHttpRequest(), about = new URLSearchParams({ name: one.name, recorded: String(one.ms > 0), ms: String(one.ms) });
  const done = new Promise((tell) => {
    ask.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress(event.loaded); });
    ask.addEventListener("load", () => {
      if (ask.status === 201) tell({ id: ask.responseText });
      else tell(ask.status === 503 ? null : { why: ask.responseText });
    });
    ask.addEventListener("error", () => tell(null));
    ask.addEventListener("abort", () => tell({ why: "", ended: true }));
  });
  ask.open("POST", `/upload?${about}`);
  ask.setRequestHeader("content-type", one.file.type || "application/octet-stream");
  ask.send(one.file);
  return { done, end: () => ask.abort() };
}

// The list of what is going to be sent, each with a picture of it, its size and a way to take it back.
function showGiven(list, files, remove) {
  list.hidden = !files.length;
  list.replaceChildren(...files.map((one, index) => {
    const item = document.createElement("li"), name = document.createElement("span"), size = document.createElement("small"), button = document.createElement("button");
    if (one.picture) { const image = new Image(); image.src = one.url; image.alt = ""; item.append(image); } else item.append(form("file"));
    name.textContent = one.name; size.textContent = sized(one.file.size);
    button.type = "button"; button.textContent = "×"; button.ariaLabel = `${texts["page-remove"]}: ${one.name}`; button.title = texts["page-remove"];
    button.addEventListener("click", () => remove(index));
    item.append(name, size, button);
    return item;
  }));
}

// Files that are dragged over the page show where they may be dropped.
function dropping(take) {
  let over = 0;
  const files = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  const show = (on) => document.body.classList.toggle("drop", on);
  addEventListener("dragenter", (event) => { if (files(event)) { over += 1; show(true); } });
  addEventListener("dragleave", (event) => { if (files(event)) { over = Math.max(over - 1, 0); show(over > 0); } });
  addEventListener("dragover", (event) => { if (files(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault(); over = 0; show(false); take([...event.dataTransfer.files]);
  });
}

// ---- recording ----
// Records from the microphone; what was recorded is handed to `send`, or nothing when it was given up.
function recorder(send) {
  const start = $("#record"), bar = $("#recording"), typing = $("#typing"), level = $("#level"), time = $("#clock");
  const can = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  const KINDS = [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg;codecs=opus", "ogg"]], BARS = 40;
  let now = null;
  level.replaceChildren(...Array.from({ length: BARS }, () => document.createElement("i")));

  async function begin() {
    if (now) return;
    note("");
    now = {};
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } }); }
    catch (error) {
      now = null;
      return note(texts[error.name === "NotAllowedError" || error.name === "SecurityError" ? "page-mic-refused" : "page-mic-none"], true);
    }
    const [type, ending] = KINDS.find(([kind]) => MediaRecorder.isTypeSupported(kind)) || ["", "webm"];
    const machine = new MediaRecorder(stream, type ? { mimeType: type, audioBitsPerSecond: 32000 } : {}), context = new AudioContext(), pieces = [];
    const ear = context.createAnalyser();
    ear.fftSize = 1024; context.createMediaStreamSource(stream).connect(ear);
    now = { stream, machine, context, ear, pieces, ending, from: performance.now(), heard: new Float32Array(ear.fftSize), ticking: setInterval(tick, 80) };
    machine.addEventListener("dataavailable", (event) => { if (event.data.size) pieces.push(event.data); });
    machine.start(500);
    typing.hidden = true; bar.hidden = false; tick(); $("#send-recording").focus();
  }
  function tick() {
    now.ear.getFloatTimeDomainData(now.heard);
    const loud = Math.sqrt(now.heard.reduce((sum, value) => sum + value * value, 0) / now.heard.length);
    // Decibels from -55 to -10, as people hear.
    const high = Math.min(Math.max((20 * Math.log10(loud || 1e-6) + 55) / 45, 0.06), 1), bars = level.children;
    level.append(bars[0]); bars[bars.length - 1].style.height = `${Math.round(high * 100)}%`;
    level.dataset.loud = high.toFixed(2); time.textContent = clock(performance.now() - now.from);
  }
  async function end(keep) {
    if (!now?.machine) return;
    const { machine, stream, context, pieces, ending, from, ticking } = now, ms = Math.round(performance.now() - from);
    clearInterval(ticking);
    const over = new Promise((tell) => machine.addEventListener("stop", tell, { once: true }));
    machine.stop(); await over;
    for (const track of stream.getTracks()) track.stop();
    context.close();
    now = null; bar.hidden = true; typing.hidden = false;
    for (const one of level.children) one.style.height = "";
    if (keep && pieces.length) send(new File(pieces, `${texts["page-recorded"]}.${ending}`, { type: machine.mimeType.split(";")[0] }), ms);
    (keep ? $("#words") : start).focus();
  }
  start.hidden = !can;
  start.addEventListener("click", begin);
  $("#give-up").addEventListener("click", () => end(false));
  $("#send-recording").addEventListener("click", () => end(true));
  bar.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); end(false); } });
  return { can, going: () => Boolean(now) };
}

// ---- playing ----
function player(address, ms) {
  const made = form("player").firstElementChild;
  made.dataset.ms = ms; $("time", made).textContent = clock(ms); $("audio", made).src = address;
  return made;
}

// Sounds are played one at a time; what is said aloud follows one another without being asked for each.
function players(log) {
  let playing = null;
  const queue = [], parts = (box) => ({ audio: $("audio", box), button: $("[data-play]", box), place: $("input", box), time: $("time", box) });
  // What a browser has recorded does not say how long it is.
  const length = (box) => { const { duration } = $("audio", box); return Number.isFinite(duration) && duration > 0 ? duration * 1000 : Number(box.dataset.ms); };
  function show(box) {
    const { audio, button, place, time } = parts(box), whole = length(box), at = audio.currentTime * 1000, on = !audio.paused && !audio.ended;
    button.ariaPressed = String(on); button.ariaLabel = button.title = texts[on ? "page-pause" : "page-play"];
    if (whole > 0) { place.max = whole; place.value = Math.min(at, whole); place.style.setProperty("--played", `${Math.min(at / whole, 1) * 100}%`); }
    place.ariaValueText = clock(at); time.textContent = clock(on || at > 0 ? at : whole);
  }
  async function play(box) {
    const { audio } = parts(box);
    if (playing && playing !== box) parts(playing).audio.pause();
    playing = box; hear(box);
    // Without a gesture the browser may forbid it: then the button is there.
    try { await audio.play(); } catch { if (playing === box) playing = null; queue.length = 0; }
  }
  function hear(box) {
    if (box.dataset.heard) return;
    box.dataset.heard = "yes";
    const { audio } = parts(box);
    for (const kind of ["play", "pause", "timeupdate", "durationchange", "seeked"]) audio.addEventListener(kind, () => show(box));
    audio.addEventListener("ended", () => { audio.currentTime = 0; show(box); playing = null; next(); });
  }
  function next() {
    const box = queue.shift();
    if (box?.isConnected) play(box); else if (box) next();
  }
  log.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (!button) return;
    const box = button.closest(".player"), { audio } = parts(box);
    queue.length = 0;
    if (audio.paused) play(box); else audio.pause();
  });
  log.addEventListener("input", (event) => {
    const box = event.target.closest(".player");
    if (!box) return;
    hear(box); parts(box).audio.currentTime = Number(event.target.value) / 1000; show(box);
  });
  return { follow: (box) => { queue.push(box); if (!playing) next(); } };
}
