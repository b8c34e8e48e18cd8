// The real-time graph: what succeeded, failed and was deleted, second by second.
(() => {
"use strict";

const parts = [["succeeded", "--good"], ["failed", "--bad"], ["deleted", "--idle"]];
const span = 120;
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

class Rates {
  constructor(element) {
    this.element = element;
    this.data = [[], [], [], []];
    this.listen();
    document.addEventListener("visibilitychange", () => this.listen());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(true));
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(element);
  }

  // A tab in the background gives its connection back; the first message tells what it missed.
  listen() {
    this.source?.close();
    this.source = document.hidden ? null : new EventSource(this.element.dataset.rates);
    if (this.source) this.source.onmessage = event => this.take(JSON.parse(event.data));
  }

  take({ reset, points }) {
    if (reset) this.data = [[], [], [], []];
    for (const point of points) {
      const times = this.data[0];
      if (times.length > 0 && point[0] <= times[times.length - 1]) {
        for (let i = 1; i < 4; i++) this.data[i][times.length - 1] += point[i];
      } else {
        point.forEach((value, i) => this.data[i].push(value));
      }
    }
    while (this.data[0].length > span) this.data.forEach(values => values.shift());
    this.element.dataset.seen = this.data.slice(1).map(values => values.reduce((sum, value) => sum + value, 0)).join(" ");
    this.draw(false);
  }

  size() { return { width: Math.max(200, this.element.clientWidth - 36), height: 240 }; }

  draw(fresh) {
    if (fresh || !this.plot) {
      this.plot?.destroy();
      this.element.replaceChildren();
      const axis = { stroke: colour("--soft"), grid: { stroke: colour("--hair"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
      this.plot = new uPlot({
        ...this.size(),
        scales: { y: { range: (_, low, high) => [0, Math.max(4, high)] } },
        axes: [{ ...axis, space: 80, values: (_, times) => times.map(time => new Date(time * 1e3).toISOString().slice(11, 19)) }, { ...axis, size: 44 }],
        series: [{ label: "UTC", value: (_, time) => time == null ? "–" : new Date(time * 1e3).toISOString().slice(11, 19) }, ...parts.map(([label, name]) => ({ label, stroke: colour(name), fill: colour(name) + "22", width: 2, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }))],
      }, this.data, this.element);
      this.element.querySelector("canvas").setAttribute("aria-hidden", "true");
    } else {
      this.plot.setData(this.data);
    }
  }
}

// The graph comes with the first run of a home, too, when it is morphed in.
function begin() {
  document.querySelectorAll("[data-rates]").forEach(element => { element.rates ??= new Rates(element); });
}
begin();
document.addEventListener("htmx:sse:after:message", begin);
})();
