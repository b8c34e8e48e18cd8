// Lists of jobs: ticks, and counters that follow the ledger.
(() => {
"use strict";

const words = count => count === 0 ? "Tick rows to act on them" : count === 1 ? "1 row ticked" : `${count.toLocaleString("en")} rows ticked`;

document.querySelectorAll("[data-ticks]").forEach(form => {
  const boxes = () => [...form.querySelectorAll("input[name=ids]")];
  const count = form.querySelector("[data-tick-count]");
  let last = null;

  function show() {
    const all = form.querySelector("[data-tick-all]");
    if (!all || !count) return;
    const ticked = boxes().filter(box => box.checked).length;
    all.hidden = false;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
    count.textContent = words(ticked);
    form.querySelectorAll(".bulk button, .bulk summary").forEach(button => button.setAttribute("aria-disabled", String(ticked === 0)));
  }

  form.addEventListener("click", event => {
    if (event.target.matches("[data-tick-all]")) {
      boxes().forEach(box => { box.checked = event.target.checked; });
    } else if (event.target.matches("input[name=ids]")) {
      // With the shift key, the rows between are ticked as well.
      const row = boxes();
      const [from, to] = [row.indexOf(last), row.indexOf(event.target)];
      if (event.shiftKey && from >= 0) row.slice(Math.min(from, to), Math.max(from, to)).forEach(box => { box.checked = event.target.checked; });
      last = event.target;
    } else {
      return;
    }
    show();
  });
  form.addEventListener("submit", event => {
    if (!boxes().some(box => box.checked)) {
      event.preventDefault();
      count.textContent = "Nothing is ticked yet: tick the rows that are meant";
    }
  });
  document.addEventListener("htmx:sse:after:message", show);
  show();
});

// Counters beside the states and in the bar. A tab in the background does not ask.
const shown = () => [...document.querySelectorAll("[data-metric]")];
async function count() {
  if (document.hidden) return;
  const names = [...new Set(shown().map(element => element.dataset.metric))];
  const stats = document.querySelector("[data-stats]")?.dataset.stats;
  if (names.length === 0 || !stats) return;
  try {
    const answer = await fetch(`${stats}?metrics=${encodeURIComponent(names.join(","))}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const metrics = await answer.json();
    for (const element of shown()) {
      const metric = metrics[element.dataset.metric];
      if (!metric) continue;
      element.textContent = metric.value ?? "0";
      if (element.classList.contains("tally")) {
        element.hidden = metric.intValue === 0 && metric.style !== "warn";
        element.classList.toggle("bad", metric.style === "bad");
        element.classList.toggle("warn", metric.style === "warn");
      }
    }
  } catch {
    // The server is away; the line in the bar says so.
  }
}
setInterval(count, 3000);
document.addEventListener("visibilitychange", count);
})();
