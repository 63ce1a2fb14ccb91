// Live updates and two kindnesses of forms. Every page works without this file.
(() => {
  "use strict";

  const STREAM = "/api/v1/live";
  // Phones deliver in bursts: one look for all of a burst, and none while nobody is looking.
  const GATHER_MS = 400;
  // After an answer that was none.
  const RETRY_MS = 15_000;

  const live = document.querySelector("[data-live]");
  if (live && window.EventSource) watch(live.dataset.live === "table" ? table() : record());
  forms();
  // On a phone the navigation is a row to swipe: begin where we are.
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // Listens to how far spaces have grown, and looks again when one of the page's own has.
  function watch(page) {
    let timer = 0;
    const look = (wait = GATHER_MS) => {
      if (document.hidden || timer) return;
      timer = setTimeout(async () => {
        const looked = await page.look().then(() => true, () => false);
        timer = 0;
        if (page.isBehind()) look(looked ? GATHER_MS : RETRY_MS);
      }, wait);
    };
    const stream = new EventSource(STREAM);
    stream.addEventListener("space", (event) => {
      const { space, position } = JSON.parse(event.data);
      page.heard(space, position);
      if (page.isBehind()) look();
    });
    stream.onopen = () => page.lost(false);
    stream.onerror = () => page.lost(true);
    document.addEventListener("visibilitychange", () => page.isBehind() && look());
    addEventListener("pagehide", () => stream.close());
  }

  // How far the page's spaces had grown when it was made, and how far they have now.
  function positions(seen) {
    const shown = new Map();
    const now = new Map();
    const read = (text) => {
      for (const pair of text.split(" ").filter(Boolean)) {
        const [space, position] = pair.split(":").map(Number);
        shown.set(space, position);
      }
    };
    read(seen);
    return {
      read,
      heard: (space, position) => now.set(space, position),
      isBehind: () => [...shown].some(([space, position]) => (now.get(space) ?? 0) > position),
      heardSoFar: () => new Map(now),
      catchUp: (heard) => heard.forEach((position, space) => shown.has(space) && shown.set(space, Math.max(shown.get(space), position))),
    };
  }

  async function text(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.text();
  }

  // A ledger. Its newest page shows new rows at once; elsewhere, and for whoever is reading further
  // down, a button says how many there are.
  function table() {
    const place = document.getElementById("ledger");
    let current = live;
    let waiting = null;
    const at = positions(live.dataset.seen);
    const state = () => current.querySelector(".live-state");
    const rows = (root) => new Map([...root.querySelectorAll("tr[data-id]")].map((row) => [row.dataset.id, row.dataset.updated]));

    const fresh = (next) => {
      const known = rows(current);
      return [...next.querySelectorAll("tr[data-id]")].filter((row) => known.get(row.dataset.id) !== row.dataset.updated);
    };
    const show = (next) => {
      const focused = document.activeElement?.closest?.("tr[data-id]")?.dataset.id;
      fresh(next).forEach((row) => row.classList.add("fresh"));
      place.replaceChildren(next);
      current = next;
      waiting = null;
      if (focused) place.querySelector(`tr[data-id="${focused}"] a`)?.focus();
    };
    const offer = (next, count) => {
      waiting = next;
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.testid = "show-new";
      button.textContent = current.dataset.new.replace("{n}", count);
      button.onclick = () => show(waiting);
      state().replaceChildren(button);
    };
    return {
      ...at,
      async look() {
        const page = new DOMParser().parseFromString(await text(current.dataset.part), "text/html");
        const next = document.importNode(page.querySelector("[data-live]"), true);
        at.read(next.dataset.seen);
        const count = fresh(next).length;
        const counted = next.querySelector(".counts b")?.textContent !== current.querySelector(".counts b")?.textContent;
        if (!count && !counted) return;
        if (count && scrollY > 200) offer(next, count);
        else show(next);
      },
      lost(lost) {
        if (!waiting) state().textContent = lost ? current.dataset.lost : "";
      },
    };
  }

  // A record: someone may be reading it, so it is only said that there is more.
  function record() {
    const notice = document.querySelector(".live-record");
    const at = positions(live.dataset.seen);
    return {
      ...at,
      async look() {
        const heard = at.heardSoFar();
        const version = await text(live.dataset.part);
        at.catchUp(heard);
        if (version === live.dataset.version) return;
        const here = new URL(location.href);
        here.searchParams.delete("done");
        notice.querySelector("a").href = here.pathname + here.search;
        notice.hidden = false;
      },
      lost() {},
    };
  }

  // A form is sent once, and not left by accident.
  function forms() {
    for (const form of document.querySelectorAll("form[method=post]")) {
      let dirty = false;
      let sent = false;
      form.addEventListener("input", () => (dirty = "dirty" in form.dataset));
      form.addEventListener("submit", (event) => {
        if (sent) event.preventDefault();
        sent = true;
        dirty = false;
        form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true"));
      });
      // A form that the browser brings back can be sent again.
      addEventListener("pageshow", () => {
        sent = false;
        form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
      });
      addEventListener("beforeunload", (event) => dirty && event.preventDefault());
    }
  }
})();
