// Curves of trainings: live, looked into by dragging, with phases, alarms, checkpoints and resumes drawn behind and over them.
(() => {
"use strict";

// Ticks as short as they can be told apart: 3.2G, 210k, 5e-4.
function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${+(value / 1e9).toFixed(2)}G`;
  if (size >= 1e6) return `${+(value / 1e6).toFixed(2)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toFixed(1)}k`;
  return size && size < .01 ? Number(value.toPrecision(3)).toExponential() : String(+value.toPrecision(6));
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

class Curves {
  constructor(element) {
    this.element = element;
    this.values = new Map();
    this.marks = {};
    this.figures = [...element.querySelectorAll("[data-curve-ids]")].map((figure, i) => ({ figure, first: i === 0, curves: JSON.parse(figure.dataset.curveIds) }));
    this.listen();
    document.addEventListener("visibilitychange", () => this.listen());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.figures.forEach(f => this.drop(f)); this.draw(); });
    new ResizeObserver(() => this.figures.forEach(f => f.plot?.setSize({ width: f.box.clientWidth, height: this.height(f) }))).observe(element);
  }

  height(f) { return f.first ? 300 : 210; }

  // A browser opens few connections to one host: a tab in the background gives its own back.
  listen() {
    this.source?.close();
    this.source = document.hidden ? null : new EventSource(this.element.dataset.curves);
    if (this.source) this.source.onmessage = event => this.take(JSON.parse(event.data));
  }

  take({ reset, series, marks }) {
    if (reset) this.values.clear();
    if (marks) this.marks = marks;
    for (const { id, points } of series) {
      if (!this.values.has(id)) this.values.set(id, new Map());
      const values = this.values.get(id);
      for (const [step, value] of points) values.set(step, value);
    }
    if (series.length || marks) this.draw();
    this.element.dataset.points = [...this.values.values()].reduce((sum, values) => sum + values.size, 0);
    this.element.dataset.alarms = (this.marks.alarms ?? []).length;
  }

  draw() {
    this.element.dataset.live = "";
    for (const f of this.figures) {
      if (f.zoom) continue;
      const data = this.data(f, this.values);
      if (f.plot) f.plot.setData(data);
      else this.make(f, data);
    }
  }

  data(f, values) {
    const steps = [...new Set(f.curves.flatMap(c => [...(values.get(c.id)?.keys() ?? [])]))].sort((a, b) => a - b);
    return [steps, ...f.curves.map(c => steps.map(step => values.get(c.id)?.get(step)))];
  }

  drop(f) {
    f.plot?.destroy();
    f.box?.remove();
    f.plot = f.box = f.zoom = null;
  }

  make(f, data) {
    f.box = document.createElement("div");
    f.figure.append(f.box);
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--hair"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    f.plot = new uPlot({
      width: f.box.clientWidth, height: this.height(f),
      scales: { x: { time: false } },
      axes: [{ ...axis }, { ...axis, size: 62, values: (u, ticks) => ticks.map(short) }],
      cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: "training" } },
      legend: { live: true },
      series: [{ label: "step" }, ...f.curves.map((c, i) => ({ label: c.label || "value", stroke: colour(`--s${i % 6 + 1}`), width: 2, dash: c.id.startsWith("0:") ? undefined : [7, 4], spanGaps: true, points: { show: data[0].length < 60 } }))],
      hooks: { drawClear: [u => this.behind(u)], draw: [u => this.over(u, f.first)], setSelect: [u => this.look(f, u)] },
    }, data, f.box);
    f.plot.over.addEventListener("dblclick", () => this.figures.forEach(other => this.whole(other)));
  }

  // Finer points of the stretch that was dragged over; dragging over one curve selects in all of them.
  async look(f, u) {
    if (u.select.width < 8) return;
    const [from, until] = [u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")];
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    f.zoom = { min: from, max: until };
    u.setScale("x", f.zoom);
    const at = new URL(this.element.dataset.pointsAt, location.href);
    f.curves.forEach(c => at.searchParams.append("id", c.id));
    at.searchParams.set("from", Math.floor(from));
    at.searchParams.set("until", Math.ceil(until));
    const answer = await fetch(at);
    if (!answer.ok || !f.zoom) return;
    const { series } = await answer.json();
    u.setData(this.data(f, new Map(series.map(s => [s.id, new Map(s.points)]))), false);
    u.setScale("x", f.zoom);
    f.figure.dataset.zoom = series.reduce((sum, s) => sum + s.points.length, 0);
  }

  whole(f) {
    if (!f.zoom) return;
    f.zoom = null;
    delete f.figure.dataset.zoom;
    f.plot.setData(this.data(f, this.values));
  }

  x(u, step) { return u.valToPos(step, "x", true); }

  behind(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    (this.marks.phases ?? []).forEach(({ from, to }, i) => {
      ctx.globalAlpha = i % 2 ? .8 : .4;
      ctx.fillStyle = colour("--sunk");
      ctx.fillRect(this.x(u, from), bbox.top, this.x(u, to) - this.x(u, from), bbox.height);
    });
    ctx.restore();
  }

  over(u, words) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + 8 * ratio);
    ctx.clip();
    const line = (step, stroke, dash, width = 1.4) => {
      ctx.beginPath();
      ctx.setLineDash(dash.map(d => d * ratio));
      ctx.lineWidth = width * ratio;
      ctx.strokeStyle = stroke;
      ctx.moveTo(this.x(u, step), bbox.top);
      ctx.lineTo(this.x(u, step), bbox.top + bbox.height);
      ctx.stroke();
    };
    (this.marks.warmups ?? []).forEach(step => line(step, colour("--soft"), [2, 4]));
    (this.marks.resumes ?? []).forEach(step => line(step, colour("--busy"), [8, 3]));
    if (this.marks.best != null) line(this.marks.best, colour("--good"), [1, 3], 2);
    ctx.fillStyle = colour("--soft");
    (this.marks.checkpoints ?? []).forEach(step => {
      const [x, y] = [this.x(u, step), bbox.top + bbox.height];
      ctx.beginPath();
      ctx.moveTo(x, y - 7 * ratio);
      ctx.lineTo(x - 4 * ratio, y);
      ctx.lineTo(x + 4 * ratio, y);
      ctx.fill();
    });
    ctx.font = `600 ${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = "start";
    ctx.textBaseline = "alphabetic";
    if (words) (this.marks.phases ?? []).forEach(({ from, name }) => ctx.fillText(name, this.x(u, from) + 5 * ratio, bbox.top + 13 * ratio));
    (this.marks.alarms ?? []).forEach(({ step, number }) => {
      line(step, colour("--bad"), [5, 4]);
      if (!words) return;
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.arc(this.x(u, step), bbox.top + 24 * ratio, 8 * ratio, 0, 2 * Math.PI);
      ctx.fillStyle = colour("--bad");
      ctx.fill();
      ctx.fillStyle = colour("--card");
      ctx.textAlign = "center";
      ctx.fillText(number, this.x(u, step), bbox.top + 28 * ratio);
      ctx.textAlign = "start";
    });
    ctx.restore();
  }
}

document.querySelectorAll("[data-curves]").forEach(element => new Curves(element));
})();
