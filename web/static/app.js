/* Keys, quick filters and drafts. Everything here also works without: these are shortcuts. */
"use strict";
(() => {
  const typing = (e) => /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) || e.target.isContentEditable;
  let at = -1;
  const rows = () => [...document.querySelectorAll("[data-rows] > li, [data-rows] > tbody > tr")];
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    all[at]?.classList.remove("selected");
    at = Math.min(Math.max(at + step, 0), all.length - 1);
    all[at].classList.add("selected");
    const link = all[at].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      const form = e.target.closest?.("form");
      if (form && form.method === "post") { e.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e)) return;
    const keys = document.getElementById("keys");
    if (e.key === "/") { const find = document.getElementById("find"); if (find) { e.preventDefault(); find.focus(); } }
    else if (e.key === "?") keys?.showModal();
    else if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
  });
  document.addEventListener("change", (e) => { if (e.target.matches?.("[data-submit]")) e.target.form.requestSubmit(); });

  const here = document.querySelector(".rail [aria-current]");
  if (here && here.offsetParent.scrollWidth > here.offsetParent.clientWidth) here.scrollIntoView({ block: "nearest", inline: "center" });

  // Drafts stay in this tab until the form is sent; passwords and tokens are never kept.
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = "draft:" + form.dataset.draft;
    const fields = () => [...form.elements].filter((f) => f.name && f.type !== "password" && f.type !== "hidden" && f.type !== "submit");
    const refused = form.querySelector("[aria-invalid=true], [role=alert]");
    if (!refused) {
      try {
        const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
        for (const f of fields()) if (f.name in kept) { if (f.type === "checkbox") f.checked = kept[f.name]; else f.value = kept[f.name]; }
      } catch { sessionStorage.removeItem(key); }
    }
    form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(fields().map((f) => [f.name, f.type === "checkbox" ? f.checked : f.value])))));
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
  // One click sends a form once.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || form.dataset.quiet !== undefined) return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
})();
