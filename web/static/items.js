/* Printing a label, and drawing a signature. Without this the browser prints, and the typed name is the receipt. */
"use strict";
(() => {
  for (const button of document.querySelectorAll("[data-print]")) { button.hidden = false; button.addEventListener("click", () => window.print()); }
  for (const box of document.querySelectorAll("[data-sign]")) {
    const canvas = box.querySelector("canvas"), kept = box.querySelector("input[name=signature]"), pen = canvas.getContext("2d");
    box.hidden = false;
    const paper = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); kept.value = ""; };
    const at = (e) => { const r = canvas.getBoundingClientRect(); return [(e.clientX - r.left) * canvas.width / r.width, (e.clientY - r.top) * canvas.height / r.height]; };
    let drawing = false;
    paper(); pen.lineWidth = 2.5; pen.lineCap = "round"; pen.strokeStyle = "#111";
    canvas.addEventListener("pointerdown", (e) => { drawing = true; canvas.setPointerCapture(e.pointerId); pen.beginPath(); pen.moveTo(...at(e)); });
    canvas.addEventListener("pointermove", (e) => { if (drawing) { pen.lineTo(...at(e)); pen.stroke(); } });
    canvas.addEventListener("pointerup", () => { if (drawing) { drawing = false; kept.value = canvas.toDataURL("image/png"); } });
    box.querySelector("button").addEventListener("click", paper);
  }
})();
