// The demo phone: sends without leaving the page and shows what arrives. It works without this too.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const live = $("live"), scroll = $("scroll"), status = $("status"), problem = $("problem");
  const lang = document.body.dataset.lang;
  const clock = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
  const TWICE = 800; // ms: a second tap of the same finger, and sooner than anybody reads a question
  let typing = 0, tapsFrom = 0;

  const dress = () => {
    for (const time of live.querySelectorAll("time[data-clock]")) time.textContent = clock.format(new Date(time.dateTime));
  };
  const down = () => { scroll.scrollTop = scroll.scrollHeight; };
  const say = (words) => { if (status.textContent !== words) status.textContent = words; };
  const rest = () => { clearTimeout(typing); typing = 0; say(status.dataset.idle); };
  const wait = () => { clearTimeout(typing); say(status.dataset.typing); typing = setTimeout(rest, 12000); };

  const show = (html) => {
    const box = new DOMParser().parseFromString(html, "text/html").body;
    const old = new Map([...live.children].filter((c) => c.id).map((c) => [c.id, c]));
    let arrived = false, grown = false;
    const asked = $("choices") && $("choices").dataset.v;
    const children = [...box.children].map((fresh) => {
      const known = old.get(fresh.id);
      if (known && known.dataset.v === fresh.dataset.v) return known;
      if (!known && fresh.classList.contains("theirs")) arrived = true;
      grown ||= !known;
      return fresh;
    });
    // What has not changed is left alone: a reader's place, focus and voice stay where they are.
    for (const gone of [...live.children]) if (!children.includes(gone)) gone.remove();
    children.forEach((child, at) => { if (live.children[at] !== child) live.insertBefore(child, live.children[at] ?? null); });
    // The next question's buttons lie where the finger still is.
    if ($("choices") && $("choices").dataset.v !== asked) tapsFrom = performance.now() + TWICE;
    dress();
    if (grown) down();
    if (arrived) rest();
  };

  const send = async (form) => {
    const data = new FormData(form);
    data.set("nonce", crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2).padEnd(8, "0"));
    problem.hidden = true;
    if (!("quiet" in form.dataset)) wait();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok) return true;
      if (answer.status === 403) location.reload();
      problem.textContent = answer.status === 413 ? problem.dataset.long : problem.dataset.other;
    } catch { problem.textContent = problem.dataset.other; }
    problem.hidden = false;
    rest();
    return false;
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("send" in form.dataset)) return;
    event.preventDefault();
    const tap = form.closest("#choices") !== null;
    if (form.dataset.busy || (tap && performance.now() < tapsFrom)) return;
    if (tap) tapsFrom = performance.now() + TWICE;
    form.dataset.busy = "1";
    const text = $("text"), written = text.value, own = "compose" in form.dataset;
    if (own && !written.trim()) { delete form.dataset.busy; return; }
    const sending = send(form);
    if (own) { text.value = ""; grow(); text.focus(); }
    const sent = await sending;
    if (!sent && tap) tapsFrom = 0;
    if (!sent && own && !text.value) { text.value = written; grow(); }
    delete form.dataset.busy;
  });

  const text = $("text");
  const grow = () => { text.rows = Math.min(5, text.value.split("\n").length); };
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      text.form.requestSubmit();
    }
  });

  const source = new EventSource("/chat/events");
  let broken = false;
  source.onopen = () => { if (broken) { broken = false; rest(); } };
  source.onerror = () => { broken = true; say(status.dataset.lost); };
  source.onmessage = (event) => {
    const said = JSON.parse(event.data);
    if (said.language !== lang) { location.reload(); return; }
    show(said.html);
  };
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  dress();
  down();
})();
