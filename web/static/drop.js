/* Compare a file with what was issued: SHA-256 in this browser, nothing is sent. */
"use strict";
(() => {
  const drop = document.getElementById("drop");
  const file = document.getElementById("file");
  const answer = document.getElementById("answer");
  if (!drop || !file || !answer) return;
  const digests = JSON.parse(drop.dataset.digests);
  const say = (tone, sign, text, detail) => {
    const box = document.createElement("div");
    box.className = `note ${tone}`;
    box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${sign}"/></svg><div><b></b><p class="mono digest small"></p></div>`;
    box.querySelector("b").textContent = text;
    box.querySelector("p").textContent = detail;
    answer.replaceChildren(box);
  };
  const compare = async (chosen) => {
    say("information", "info", drop.dataset.busy, chosen.name);
    const hash = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
    const hex = [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
    const kind = Object.keys(digests).find((k) => digests[k] === hex);
    if (kind) say("good", "done", drop.dataset.same.replace("{kind}", kind.toUpperCase()), hex);
    else say("bad", "cross", drop.dataset.other, hex);
  };
  file.addEventListener("change", () => { if (file.files[0]) compare(file.files[0]); });
  drop.addEventListener("dragover", (e) => { e.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => { e.preventDefault(); drop.classList.remove("over"); if (e.dataTransfer.files[0]) compare(e.dataTransfer.files[0]); });
})();
