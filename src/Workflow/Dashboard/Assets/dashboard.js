// What the server cannot do: draw live curves, keep a log at its end, say whether the page is live.
(() => {
"use strict";

const link = document.querySelector("[data-link]");
function say(state, text) {
  if (link) {
    link.dataset.link = state;
    link.textContent = text;
  }
}

document.addEventListener("htmx:sse:after:connection", () => say("on", "live"));
document.addEventListener("htmx:sse:error", () => say("off", "not connected, trying again"));
document.addEventListener("htmx:sse:close", () => say("off", "not live"));

// A log that was read at its end stays at its end when lines are added.
function logs() { return document.querySelectorAll("[data-tail]"); }
function toEnd(log) { log.scrollTop = log.scrollHeight; }
document.addEventListener("htmx:sse:before:message", () => logs().forEach(log => {
  log.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
}));
document.addEventListener("htmx:sse:after:message", () => logs().forEach(log => {
  if (log.atEnd !== false) toEnd(log);
}));
logs().forEach(toEnd);

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

class Plots {
  constructor(element) {
    this.element = element;
    this.series = new Map();
    this.plots = new Map();
    this.listen();
    document.addEventListener("visibilitychange", () => this.listen());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(true));
    new ResizeObserver(() => this.plots.forEach(({ plot, box }) => plot.setSize({ width: box.clientWidth, height: 220 }))).observe(element);
  }

  // A browser opens few connections to one host: a tab in the background gives its own back.
  listen() {
    this.source?.close();
    this.source = document.hidden ? null : new EventSource(this.element.dataset.feed);
    if (this.source) this.source.onmessage = event => this.take(JSON.parse(event.data));
  }

  take(message) {
    if (!message.series) return;
    if (message.reset) this.series.clear();
    let fresh = Boolean(message.reset);
    for (const { key, points } of message.series) {
      if (!this.series.has(key)) {
        this.series.set(key, new Map());
        fresh = true;
      }
      const values = this.series.get(key);
      for (const [step, value] of points) values.set(step, value);
    }
    this.draw(fresh);
  }

  groups() {
    const groups = new Map();
    for (const key of [...this.series.keys()].sort()) {
      const title = key.slice(Math.max(key.lastIndexOf("/"), key.lastIndexOf(".")) + 1);
      groups.set(title, [...(groups.get(title) ?? []), key]);
    }
    return groups;
  }

  draw(fresh) {
    if (fresh) {
      this.plots.forEach(({ plot }) => plot.destroy());
      this.plots.clear();
      this.element.replaceChildren();
    }
    for (const [title, keys] of this.groups()) {
      const steps = [...new Set(keys.flatMap(key => [...this.series.get(key).keys()]))].sort((a, b) => a - b);
      const data = [steps, ...keys.map(key => steps.map(step => this.series.get(key).get(step)))];
      const known = this.plots.get(title);
      if (known) known.plot.setData(data);
      else this.plots.set(title, this.make(title, keys, data));
    }
    this.element.dataset.points = [...this.series.values()].reduce((sum, values) => sum + values.size, 0);
  }

  make(title, keys, data) {
    const figure = document.createElement("figure");
    figure.className = "card";
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    const box = document.createElement("div");
    figure.append(caption, box);
    this.element.append(figure);
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--hair"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const plot = new uPlot({
      width: box.clientWidth, height: 220,
      scales: { x: { time: false } },
      axes: [{ ...axis }, { ...axis, size: 58 }],
      legend: { live: true },
      series: [{ label: "step" }, ...keys.map((key, i) => ({ label: key, stroke: colour(`--s${i % 6 + 1}`), width: 2, spanGaps: true, points: { show: data[0].length < 40 } }))],
    }, data, box);
    return { plot, box };
  }
}

document.querySelectorAll("[data-feed]").forEach(element => new Plots(element));
})();
