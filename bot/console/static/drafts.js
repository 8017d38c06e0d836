// Half-written words outlive a reload: kept in this tab, for this session, until sent or signed out.
"use strict";
(() => {
  const session = document.documentElement.dataset.session || "", mark = "draft:";
  const name = (field) => `${mark}${location.pathname}#${field.id}`;
  const all = () => [...document.querySelectorAll("[data-draft]")]; // a live page brings new ones
  try {
    // Whoever signs in next, and whoever has signed out, finds nothing of another session.
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(mark) && JSON.parse(sessionStorage[key]).session !== session) sessionStorage.removeItem(key);
    }
    const keep = (field, sent) => {
      if (field.value) sessionStorage[name(field)] = JSON.stringify({ session, sent, words: field.value });
      else sessionStorage.removeItem(name(field));
    };
    // Sent words are dropped once the page shows that they arrived: a post can be lost on its way.
    const plain = (words) => words.replace(/\s+/g, " ").trim();
    // A reply goes out with a line before it that says whose it is.
    const arrived = (words) => [...document.querySelectorAll(".line.nurse .text, .notes p")]
      .some(({ textContent: shown }) => [shown, shown.slice(shown.indexOf("\n") + 1)]
        .some((part) => plain(part) === plain(words)));
    for (const field of all()) {
      const known = JSON.parse(sessionStorage[name(field)] || "null");
      if (known && known.sent && arrived(known.words)) sessionStorage.removeItem(name(field));
      else if (known && !field.value) field.value = known.words;
      if (field.value) keep(field, false); // what was refused comes back from the server
    }
    document.addEventListener("input", ({ target }) => { if (target.matches("[data-draft]")) keep(target, false); });
    document.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      for (const field of all()) if (field.form === event.target && field.value) keep(field, true);
    });
  } catch { /* a browser that keeps nothing: the page works as before */ }
})();
