// Ticked rows of a list stay ticked while the list is live; one box ticks all that are shown; the number of ticked ones is told.
(() => {
"use strict";

const forms = () => document.querySelectorAll("form[data-picks]");
const boxes = form => [...form.querySelectorAll("tbody input[type=checkbox]:not(:disabled)")];

function count(form) {
  const all = boxes(form);
  const ticked = all.filter(box => box.checked).length;
  const tell = form.querySelector("[data-pick-count]");
  if (tell) tell.textContent = ticked > 0 ? `(${ticked})` : "";
  const head = form.querySelector("[data-pick-all]");
  if (head) {
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  }
}

document.addEventListener("change", event => {
  const form = event.target.closest?.("form[data-picks]");
  if (!form) return;
  if (event.target.matches("[data-pick-all]")) boxes(form).forEach(box => { box.checked = event.target.checked; });
  count(form);
});

document.addEventListener("htmx:sse:before:message", () => forms().forEach(form => {
  form.ticked = new Set(boxes(form).filter(box => box.checked).map(box => box.value));
}));
document.addEventListener("htmx:sse:after:message", () => forms().forEach(form => {
  boxes(form).forEach(box => { box.checked = form.ticked?.has(box.value) ?? box.checked; });
  count(form);
}));
forms().forEach(count);
})();
