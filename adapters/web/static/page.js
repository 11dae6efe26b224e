// Makes the page live and saves loading it anew. Without this script everything works still, by forms and links alone.
"use strict";

const REGIONS = ["private", "channel-posts", "direct-posts", "desk"];
const narrow = matchMedia("(max-width: 50rem)");
const news = document.getElementById("news");

// Putting in place what changed

/** Makes the children of `old` those of `next`. Those whose version is the same stay, with focus, choices and words. */
function renew(old, next, anew) {
  const had = new Map([...old.children].map((child) => [child.id, child]));
  const fresh = [];
  const wanted = [...next.children].map((child) => {
    const kept = had.get(child.id);
    if (kept && !anew && kept.dataset.version === child.dataset.version) return kept;
    const node = document.importNode(child, true);
    for (const details of kept ? kept.querySelectorAll("details[open]") : []) {
      const same = node.querySelector(`details[data-key="${CSS.escape(details.dataset.key)}"]`);
      if (same) same.open = true;
    }
    if (kept?.dataset.version !== node.dataset.version) fresh.push(node);
    return node;
  });
  for (const child of [...old.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((node, at) => { if (old.children[at] !== node) old.insertBefore(node, old.children[at] ?? null); });
  return fresh;
}

function keyOf(element) { return element?.closest("[data-key]")?.dataset.key ?? ""; }

function focusOn(key) {
  if (key) document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Takes the parts of a fragment. `own`: it answers something this person did, so the buttons get their new tokens. */
function take(text, own) {
  const next = new DOMParser().parseFromString(text, "text/html");
  const key = keyOf(document.activeElement);
  const fresh = {};
  const typing = !own && document.querySelector("dialog:modal");
  for (const id of REGIONS) if (id !== "desk" || !typing) fresh[id] = renew(document.getElementById(id), next.getElementById(id), own && id !== "desk");
  count(next);
  document.getElementById("clock").replaceWith(document.importNode(next.getElementById("clock"), true));
  if (own) fresh.token = next.getElementById("fresh-token").value;
  for (const sheet of document.querySelectorAll("dialog.sheet[data-version]:not(:modal)")) show(sheet);
  if (document.activeElement === document.body) focusOn(key);
  return fresh;
}

/** Puts a form over the page. Whatever is wrong with it comes first. */
function show(sheet) {
  sheet.open = false;
  sheet.showModal();
  (sheet.querySelector("#form-errors") ?? sheet.querySelector("h2")).focus();
  sheet.addEventListener("cancel", (event) => { event.preventDefault(); sheet.querySelector("[data-close]").click(); });
}

// How many direct messages are new

/** Takes the count from a fragment. */
function count(next) {
  document.getElementById("direct").dataset.latest = next.getElementById("direct").dataset.latest;
  const words = next.querySelector("#direct [data-new]").textContent;
  for (const line of document.querySelectorAll("[data-new]")) line.textContent = words;
  lookAtTab();
}

function lookAtTab() { if (narrow.matches && location.hash === "#direct") look(); }

/** On a phone, to choose the tab is to look. Where both parts show, it is to come to the messages with pointer or keys. */
function look() {
  const lines = [...document.querySelectorAll("[data-new]")];
  if (document.hidden || !lines.some((line) => line.textContent)) return;
  for (const line of lines) line.textContent = "";
  const body = new URLSearchParams({ as: document.body.dataset.as, do: "look", message: document.getElementById("direct").dataset.latest });
  navigator.sendBeacon("/desk", body);
}

// Hearing of what others do

let busy = false;
let again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const response = await fetch(`/fragment?as=${encodeURIComponent(document.body.dataset.as)}`);
    if (response.ok) tell(take(await response.text(), false));
  } catch { /* The stream connects again by itself, and then this is tried again. */ }
  busy = false;
  if (again) { again = false; refresh(); }
}

function tell(fresh) {
  const posts = [...fresh["channel-posts"], ...fresh["direct-posts"]].filter((post) => post.dataset.summary);
  for (const post of posts) post.classList.add("new");
  if (posts.length) news.textContent = posts.map((post) => `${post.parentElement.dataset.place}: ${post.dataset.summary}`).join(". ");
}

let stream;
let lost = false;
function listen() {
  if (document.hidden) { stream?.close(); stream = undefined; return; }
  if (stream) return;
  const since = document.getElementById("clock").dataset.changes;
  stream = new EventSource(`/live?as=${encodeURIComponent(document.body.dataset.as)}&since=${since}`);
  stream.addEventListener("change", refresh);
  stream.addEventListener("error", () => { lost = true; });
  stream.addEventListener("open", () => { if (lost) refresh(); lost = false; });
}

// Doing

async function send(form, button, sure) {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  trouble("");
  try {
    const body = new URLSearchParams(new FormData(form, button));
    if (sure) body.set("sure", "yes");
    const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
    const response = await fetch(address, { method: "POST", body, headers: { "X-Page": "fragment" } });
    const text = await response.text();
    if (response.ok) done(form, take(text, true));
    else trouble(new DOMParser().parseFromString(text, "text/html").getElementById("problem")?.textContent);
  } catch {
    trouble("The page can't reach the bot. What you typed is still here. Try again in a moment.");
  }
  form.removeAttribute("aria-busy");
}

function done(form, fresh) {
  const saying = form.classList.contains("say");
  if (saying) settle(form, fresh.token);
  const said = document.querySelector("#clock [data-tell]");
  if (said) news.textContent = said.textContent;
  if (document.querySelector("dialog:modal")) return;
  const told = fresh.private.find((node) => node.hasAttribute("data-private"));
  if (!told) return;
  if (saying) news.textContent = told.getAttribute("aria-label");
  else told.focus();
  told.scrollIntoView({ block: "nearest" });
}

/**
 * What was said and answered in private stays in the box, selected: nothing here tells a note that was saved from a
 * command that wasn't understood, and words that were refused shouldn't have to be typed again. Sent again unchanged
 * they are the same delivery, so that a note is saved once; the first change makes them a new one.
 */
function settle(form, token) {
  const box = form.querySelector("#words");
  if (!document.querySelector("dialog:modal") && box.value) {
    form.dataset.next = token;
    box.focus();
    box.select();
    return;
  }
  box.value = "";
  form.querySelector("[name=token]").value = token;
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (target.id !== "words" || !form.dataset.next) return;
  form.querySelector("[name=token]").value = form.dataset.next;
  delete form.dataset.next;
});

function trouble(sentence = "That didn't work. Load the page again.") {
  document.querySelectorAll(".trouble").forEach((old) => old.remove());
  if (!sentence) return;
  const line = document.createElement("p");
  line.className = "trouble";
  line.textContent = sentence;
  const sheet = document.querySelector("dialog:modal form");
  if (sheet) { line.setAttribute("role", "alert"); sheet.prepend(line); line.scrollIntoView({ block: "nearest" }); }
  else document.getElementById("trouble").append(line);
}

// What was typed into a form outlives the page: it is kept when somebody pauses, and when the page is hidden or left

let pause;

function keep() {
  clearTimeout(pause);
  const form = document.querySelector("#form-fields[data-typed]");
  if (!form || form.getAttribute("aria-busy") === "true") return;
  delete form.dataset.typed;
  const sheet = form.parentElement;
  sheet.dataset.kept = Number(sheet.dataset.kept) + 1;
  sessionStorage.setItem("kept", `${sheet.dataset.version} ${sheet.dataset.kept}`);
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "keep");
  // More than a beacon carries is sent as it can be.
  if (!navigator.sendBeacon("/desk", body)) fetch("/desk", { method: "POST", body }).catch(() => {});
}

/** A page can be drawn a moment before what was kept on leaving arrives: then the form is fetched until it holds it. */
async function catchUp(tries) {
  const sheet = document.getElementById("form");
  const [version, kept] = (sessionStorage.getItem("kept") ?? "").split(" ");
  const late = (form) => form?.dataset.version === version && Number(form.dataset.kept) < Number(kept);
  if (!late(sheet) || !tries) return;
  const response = await fetch(`/fragment?as=${encodeURIComponent(document.body.dataset.as)}`);
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!sheet.isConnected || sheet.querySelector("[data-typed]")) return;
  if (late(next.getElementById("form"))) { setTimeout(catchUp, 100, tries - 1); return; }
  renew(document.getElementById("desk"), next.getElementById("desk"), true);
  document.querySelectorAll("#desk dialog").forEach(show);
}

document.addEventListener("input", ({ target }) => {
  if (target.form?.id !== "form-fields") return;
  target.form.dataset.typed = "yes";
  clearTimeout(pause);
  pause = setTimeout(keep, 1000);
});
// Before the next page is asked for, as well: it is drawn with what was kept by then.
for (const leaving of ["beforeunload", "pagehide"]) window.addEventListener(leaving, keep);
document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });

/** Asks before something that can't be undone. Resolves to whether it is wanted. */
function ask(question, label) {
  const sheet = document.createElement("dialog");
  sheet.className = "sheet ask";
  const words = document.createElement("p");
  words.textContent = question;
  words.id = "ask-words";
  sheet.setAttribute("aria-labelledby", words.id);
  const choices = document.createElement("form");
  choices.method = "dialog";
  choices.className = "buttons";
  for (const [value, text, look] of [["yes", label, "primary"], ["no", "Go back", "plain"]]) {
    const button = document.createElement("button");
    Object.assign(button, { value, textContent: text, className: look, autofocus: value === "no" });
    choices.append(button);
  }
  sheet.append(words, choices);
  document.body.append(sheet);
  sheet.showModal();
  return new Promise((resolve) => sheet.addEventListener("close", () => { sheet.remove(); resolve(sheet.returnValue === "yes"); }));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const button = event.submitter;
  const question = form.querySelector("input[name=ask]");
  if (question) {
    if (!(await ask(question.value, form.querySelector("input[name=label]").value))) return;
  }
  await send(form, button, Boolean(question));
});

/** Says how much is too much, before it is sent. Nothing is cut off. */
document.addEventListener("input", ({ target }) => {
  const most = Number(target.dataset?.most);
  if (!most) return;
  let line = target.parentElement.querySelector(".count");
  const left = most - target.value.length;
  if (left > most / 10) { line?.remove(); return; }
  if (!line) { line = document.createElement("p"); line.setAttribute("role", "status"); target.after(line); }
  line.className = left < 0 ? "count over" : "count";
  line.textContent = left < 0 ? `${-left} characters too many` : `${left} characters left`;
});

/** A link in the list of errors goes to its field and starts typing there. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".errors a");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (field) { event.preventDefault(); field.focus(); }
});

const direct = document.getElementById("direct");
for (const coming of ["pointerenter", "focusin"]) direct.addEventListener(coming, look);
for (const [place, coming] of [[window, "hashchange"], [document, "visibilitychange"]]) place.addEventListener(coming, lookAtTab);
lookAtTab();

document.addEventListener("visibilitychange", listen);
document.querySelectorAll("dialog.sheet[open]").forEach(show);
catchUp(30).catch(() => {});
listen();
