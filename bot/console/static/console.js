// The console's own script: live regions, ages, local times, copying. Every page works without it.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.body;
  const lang = document.documentElement.lang;

  if (body.dataset.go) { location.replace(body.dataset.go); return; }

  // Times: the server writes UTC; here they become the nurse's own clock.
  const local = new Intl.DateTimeFormat(lang === "zh-Hans" ? "zh-CN" : "en-GB",
    { day: "numeric", month: lang === "zh-Hans" ? "long" : "short", hour: "2-digit", minute: "2-digit" });
  const clock = document.querySelector("[data-clock]");
  if (clock) {
    clock.textContent = clock.dataset.clock.replace("#", local.resolvedOptions().timeZone);
    clock.hidden = false;
  }
  const ago = body.dataset.ago ? JSON.parse(body.dataset.ago) : null;
  const dress = (root) => {
    for (const time of root.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      if (!isNaN(at)) { time.title ||= time.textContent; time.textContent = local.format(at); }
    }
  };
  const tick = () => {
    if (!ago) return;
    for (const time of document.querySelectorAll("time[data-age]")) {
      const seconds = Math.max(0, (Date.now() - new Date(time.dateTime)) / 1000);
      const [name, size] = seconds >= 86400 ? ["days", 86400] : seconds >= 3600 ? ["hours", 3600]
        : seconds >= 60 ? ["minutes", 60] : ["now", 1];
      const words = ago[name].replace("#", String(Math.floor(seconds / size)));
      if (time.textContent !== words) time.textContent = words;
    }
  };
  dress(document);
  tick();
  setInterval(tick, 10000);

  // Change only what changed, so that focus, selection and half-read cards stay where they are.
  const settle = (into, from) => {
    const old = new Map([...into.children].filter((c) => c.id).map((c) => [c.id, c]));
    for (const child of [...into.children]) if (!child.id) child.remove();
    let place = into.firstElementChild;
    for (const fresh of [...from.children]) {
      let keep = fresh.id ? old.get(fresh.id) : null;
      if (keep) old.delete(fresh.id);
      if (keep && "keyed" in fresh.dataset) settle(keep, fresh);
      else if (keep && keep.dataset.v !== fresh.dataset.v) {
        const focused = keep.contains(document.activeElement);
        if (keep === place) place = keep.nextElementSibling;
        keep.replaceWith(fresh);
        if (focused) (fresh.querySelector("a, button") || fresh).focus();
        keep = fresh;
      } else if (!keep) { keep = fresh; if (fresh.classList.contains("matter")) fresh.classList.add("fresh"); }
      if (keep === place) place = place.nextElementSibling;
      else into.insertBefore(keep, place);
    }
    for (const gone of old.values()) gone.remove();
  };

  const live = $("live"), lost = $("lost"), title = document.title;
  if (live && body.dataset.live) {
    const bottom = "bottom" in live.dataset;
    const toBottom = () => { live.scrollTop = live.scrollHeight; };
    if (bottom && !location.hash.startsWith("#m-")) toBottom();
    let heard = Date.now(), urgent = -1, waiting = -1;
    const show = (html) => {
      const low = live.scrollHeight - live.scrollTop - live.clientHeight < 60;
      const box = new DOMParser().parseFromString(html, "text/html").body;
      settle(live, box);
      dress(live); tick();
      if (bottom && low) toBottom();
    };
    const well = () => { heard = Date.now(); if (!lost.hidden) { lost.hidden = true; lost.textContent = ""; } };
    const ill = () => { if (lost.hidden) { lost.textContent = lost.dataset.words; lost.hidden = false; } };
    const listen = () => {
      const source = new EventSource(body.dataset.live);
      source.onopen = well;
      source.addEventListener("here", well);
      source.addEventListener("gone", () => location.reload());
      source.onmessage = (event) => {
        well();
        const said = JSON.parse(event.data);
        show(said.html);
        if (said.say && $("said")) {
          const first = urgent === -1;
          if ($("said-now") && said.urgent > urgent && said.urgent > 0 && !first) $("said-now").textContent = said.say;
          else if (!first || "bottom" in live.dataset) $("said").textContent = said.say;
        }
        if ("waiting" in said) {
          urgent = said.urgent; waiting = said.waiting;
          document.title = waiting ? `(${waiting}) ${title}` : title;
        }
      };
      source.onerror = ill;
      return source;
    };
    let source = listen();
    // Where events cannot pass, the page is fetched every 15 s instead.
    setInterval(async () => {
      if (Date.now() - heard < 25000) return;
      ill();
      try {
        const answer = await fetch(location.href, { credentials: "same-origin" });
        if (answer.redirected) { location.reload(); return; }
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        show(page.getElementById("live").innerHTML);
        if (source.readyState === EventSource.CLOSED) source = listen();
      } catch { /* still lost: the banner says so */ }
    }, 15000);
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.dataset.ask && !confirm(button.dataset.ask)) { event.preventDefault(); return; }
    if (button) setTimeout(() => { button.disabled = true; }, 0);
    setTimeout(() => { if (button) button.disabled = false; }, 4000);
  });
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText($(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
    });
  }
})();
