/* The live page: parts of it arrive as server-sent events, or by asking when no stream is free. */
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const lost = document.getElementById("lost");
  let after = Number(live.dataset.after) || 0;
  let source = null;
  let failures = 0;

  const replace = (id, html) => {
    const old = document.getElementById(id);
    if (!old) return;
    const frame = document.createElement("template");
    frame.innerHTML = html.trim();
    const fresh = frame.content.firstElementChild;
    if (!fresh) return;
    const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("button,a,input,[tabindex]")].indexOf(document.activeElement) : -1;
    if (id === "prompt") old.replaceChildren(...fresh.childNodes); else old.replaceWith(fresh);
    if (focused >= 0) document.getElementById(id)?.querySelectorAll("button,a,input,[tabindex]")[focused]?.focus({ preventScroll: true });
  };
  const take = (parts) => { for (const [id, html] of Object.entries(parts)) replace(id, html); };
  const well = (yes) => { lost.hidden = yes; lost.textContent = yes ? "" : live.dataset.lost; };

  const ask = async () => {
    try {
      const answer = await fetch(`${live.dataset.parts}?after=${after}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const news = await answer.json();
      after = news.seq;
      take(news.parts);
      well(true);
      if (!news.ended) setTimeout(ask, 2000);
    } catch {
      well(false);
      setTimeout(ask, 4000);
    }
  };
  const listen = () => {
    source = new EventSource(`${live.dataset.events}?after=${after}`);
    source.addEventListener("open", () => { failures = 0; well(true); });
    source.addEventListener("parts", (e) => { after = Number(e.lastEventId) || after; take(JSON.parse(e.data)); });
    source.addEventListener("ended", () => source.close());
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) { source.close(); ask(); return; }
      failures += 1;
      if (failures > 3) { well(false); }
    });
  };
  listen();

  // Words to the run go without leaving the page; what they change comes back with the stream.
  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (form.dataset.quiet === undefined) return;
    e.preventDefault();
    const body = new FormData(form, e.submitter);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) {
        const refusal = await answer.json();
        lost.hidden = false;
        lost.textContent = refusal.error.sentence;
      } else if (source && source.readyState === EventSource.CLOSED) {
        location.reload();
      }
    } catch {
      well(false);
    } finally {
      setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = false; }, 1500);
    }
  });
})();
