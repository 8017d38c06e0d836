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
    // By the name people have for it and how far it is: "China Standard Time, UTC+8".
    const named = (style) => new Intl.DateTimeFormat(local.resolvedOptions().locale, { timeZoneName: style })
      .formatToParts(new Date()).find((part) => part.type === "timeZoneName").value.replace("GMT", "UTC").replace("-", "−");
    const far = named("shortOffset").replace(/^UTC\+0$/, "UTC"), name = named("longGeneric");
    clock.textContent = clock.dataset.clock.replace("#", /^UTC/.test(name) ? far : clock.dataset.named.replace("@", name).replace("#", far));
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

  // Words that nobody has sent yet, or a choice: never thrown away.
  const unsent = (part) => [part, ...part.querySelectorAll("*")].some((field) =>
    field.matches("textarea, input:not([type=hidden])") ? field.value !== field.defaultValue
      : field.matches("select") && [...field.options].some((o) => o.selected && o.value && !o.defaultSelected));
  const past = (part, is) => {
    part.toggleAttribute("data-left", is);
    for (const note of part.querySelectorAll("[data-past]")) note.hidden = !is;
    for (const button of part.querySelectorAll("button")) button.disabled = is;
  };

  // Change only what changed, so that focus, selection, half-read cards and half-written words
  // stay where they are. Gives back the elements that are new.
  const settle = (into, from) => {
    const wanted = new Set([...from.children].map((child) => child.id));
    const old = new Map(), arrived = [];
    for (const child of [...into.children]) {
      if (child.id && wanted.has(child.id)) { old.set(child.id, child); if ("left" in child.dataset) past(child, false); }
      else if (child.id && unsent(child)) past(child, true);
      else {
        const focused = child.contains(document.activeElement);
        child.remove();
        if (focused) into.querySelector("[tabindex='-1']")?.focus();
      }
    }
    let place = into.firstElementChild;
    for (const fresh of [...from.children]) {
      const known = old.get(fresh.id);
      while (known && place && "left" in place.dataset) place = place.nextElementSibling;
      let now = known || fresh, focused = false;
      if (known && "keyed" in fresh.dataset) arrived.push(...settle(known, fresh));
      else if (known && known.dataset.v !== fresh.dataset.v && !unsent(known)) {
        focused = known.contains(document.activeElement);
        if (known === place) place = known.nextElementSibling;
        known.remove();
        now = fresh;
      }
      if (!known && fresh.classList.contains("matter")) fresh.classList.add("fresh");
      if (now === fresh) arrived.push(fresh);
      if (now === place) place = place.nextElementSibling;
      else into.insertBefore(now, place);
      if (focused) (now.querySelector("a, button") || now).focus();
    }
    return arrived;
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
      const arrived = settle(live, box).filter((one) => one.dataset.say);
      if (arrived.length) $("said").textContent = arrived.map((one) => one.dataset.say).join(" ");
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
      source.onmessage = (event) => { well(); take(JSON.parse(event.data)); };
      source.onerror = ill;
      return source;
    };
    const take = (said) => {
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
    let source = listen();
    // Where events cannot pass, one drawing is fetched every 15 s instead: no view for the trail.
    setInterval(async () => {
      if (Date.now() - heard < 25000) return;
      ill();
      try {
        const answer = await fetch(body.dataset.live, { credentials: "same-origin" });
        if (answer.redirected || answer.status === 403) { location.reload(); return; }
        if (!answer.ok) return;
        take(await answer.json());
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
