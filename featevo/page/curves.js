// Curves by epoch: all runs in one chart, a mark at every snapshot, a larger one at the current snapshot.

const WIDTH = 320;
const HEIGHT = 120;
const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
const DIGIT = 6.7; // width of a digit of a label, in the widest of the usual fonts
const EDGE = { left: 38, right: 8, top: 8, bottom: 20 };
const MOST_CHARTS = 5; // shown at first; the others can be chosen

/** Charts with several lines of one unit: the first is thick, the second (training) thin. */
const SPECS = [
  { title: "Validation accuracy", thin: "training", names: ["val_acc", "train_acc"], fraction: true },
  { title: "Validation loss", thin: "training", names: ["val_loss", "train_loss"], zero: true },
];

let specs = []; // of what the runs have
let span = [0, 0]; // epochs
const wanted = new Map(); // by the first name of each: whether it is shown

/** The first and the last epoch that has anything. */
function wholeSpan() {
  const logged = runs.flatMap((run) => Object.values(run.curves).flat().map(([time]) => time));
  const drawn = runs.flatMap((run) => run.snapshots.map((snapshot) => snapshot.time));
  const all = [...logged, ...drawn];
  return all.length ? [least(all), most(all)] : [0, 0];
}

/** The place of an epoch; a single one is in the middle. */
function across(time) {
  const share = span[1] > span[0] ? (time - span[0]) / (span[1] - span[0]) : 0.5;
  return EDGE.left + share * (WIDTH - EDGE.left - EDGE.right);
}

/** Round numbers that cover a range, three or four of them. */
function levels(low, high) {
  const rough = (high - low || Math.abs(high) || 1) / 3;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((size) => size >= rough);
  const first = Math.floor(low / step + 1e-9);
  const count = Math.max(1, Math.ceil(high / step - 1e-9) - first);
  return [...Array(count + 1).keys()].map((k) => (first + k) * step);
}

/** The control means of a measure by name. */
const controlsOf = (spec) => runs.map((run) => run.controls[spec.names[0]]).find(Boolean) ?? {};

/** The levels of a chart, ascending: [value, label]. */
function ticksOf(spec) {
  if (spec.fraction) return [0, 0.5, 1].map((value) => [value, `${100 * value} %`]);
  const values = runs.flatMap((run) => spec.names.flatMap((name) => run.curves[name] ?? [])).map(([, value]) => value);
  const all = [...values, ...Object.values(controlsOf(spec)), ...(spec.zero ? [0] : [])];
  return levels(least(all), most(all)).map((value) => [value, String(+value.toPrecision(6))]);
}

function chart(spec) {
  const ticks = ticksOf(spec);
  const [[bottom], [top]] = [ticks[0], ticks[ticks.length - 1]];
  const up = (value) => HEIGHT - EDGE.bottom - ((value - bottom) / (top - bottom)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const label = `${spec.title} by epoch, a line per run`;
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  for (const [tick, words] of ticks) {
    svg.append(make("line", { class: "level", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: up(tick), y2: up(tick) }));
    svg.append(make("text", { x: EDGE.left - 6, y: up(tick) + 3.5, "text-anchor": "end" }, words));
  }
  const single = span[0] === span[1];
  const start = { x: across(span[0]), y: HEIGHT - 4, "text-anchor": single ? "middle" : "start" };
  svg.append(make("text", start, `epoch ${span[0]}`));
  if (!single) svg.append(make("text", { x: across(span[1]), y: HEIGHT - 4, "text-anchor": "end" }, String(span[1])));
  let above = -Infinity; // of the last label: labels must not overlap
  for (const [name, mean] of Object.entries(controlsOf(spec)).sort((a, b) => b[1] - a[1])) {
    above = Math.max(up(mean), above + 10);
    svg.append(make("line", { class: "control", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: up(mean), y2: up(mean) }));
    svg.append(make("text", { class: "control", x: WIDTH - EDGE.right + 6, y: above + 3 }, name));
  }
  const marks = make("g");
  svg.append(...runs.map((run) => lines(run, spec, up)), marks);
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    point(svg, event, spec, up);
  });
  svg.addEventListener("pointermove", (event) => event.buttons && point(svg, event, spec, up));
  const both = spec.thin && runs.some((run) => run.curves[spec.names[1]]);
  const caption = make("figcaption", { title: meaning(spec.names[0]) }, spec.title, both ? make("span", {}, ` thin: ${spec.thin}`) : null);
  const element = make("figure", { class: "chart" }, caption, svg);
  return { element, update: () => mark(svg, marks, spec, up) };
}

/** A run's lines, and a small mark at each snapshot. */
function lines(run, spec, up) {
  const group = make("g", { "data-run": run.number, style: `--line: ${run.colour}` });
  for (const [place, name] of spec.names.entries()) {
    const corner = ([time, value]) => `${across(time).toFixed(1)},${up(value).toFixed(1)}`;
    const points = (run.curves[name] ?? []).map(corner);
    const look = place ? { class: "thin" } : { "stroke-dasharray": run.dash || null };
    group.prepend(make("polyline", { points: points.join(" "), ...look }));
  }
  for (const snapshot of run.snapshots) {
    const value = valueAt(run, spec, snapshot.time);
    if (value === null) continue;
    group.append(make("circle", { class: "drawn", r: 2, cx: across(snapshot.time), cy: up(value) }));
  }
  return group;
}

/** A curve's value at the epoch that is nearest to a time. */
function valueAt(run, spec, time) {
  const points = run.curves[spec.names[0]] ?? [];
  if (!points.length) return null;
  const nearer = (a, b) => (Math.abs(b[0] - time) < Math.abs(a[0] - time) ? b : a);
  return points.reduce(nearer)[1];
}

function mark(svg, marks, spec, up) {
  const inView = new Set(runsInView());
  for (const group of svg.querySelectorAll("[data-run]")) {
    group.classList.toggle("faint", !inView.has(runs[group.dataset.run]));
  }
  const level = state.axis === "accuracy" ? spec.fraction && up(here()) : null;
  const rule =
    level === null
      ? make("line", { class: "rule", x1: across(here()), x2: across(here()), y1: EDGE.top, y2: HEIGHT - EDGE.bottom })
      : level && make("line", { class: "rule", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: level, y2: level });
  const circles = [...inView].map((run) => {
    const snapshot = run.snapshots[shownBy(run).frame];
    const value = snapshot ? valueAt(run, spec, snapshot.time) : null;
    if (value === null) return "";
    const words = `${run.label}, epoch ${snapshot.label}: ${spec.fraction ? percent(value) : brief(value)}`;
    const look = { class: "now", r: 4.5, style: `fill: ${run.colour}` };
    return make("circle", { ...look, cx: across(snapshot.time), cy: up(value) }, make("title", {}, words));
  });
  marks.replaceChildren(...(rule && stops.length ? [rule] : []), ...circles);
}

/** A click or drag moves to the epoch under the pointer; by accuracy, to the nearest snapshot's. */
function point(svg, event, spec, up) {
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  pause();
  if (state.axis === "epoch") {
    goNear(span[0] + ((place.x - EDGE.left) / (WIDTH - EDGE.left - EDGE.right)) * (span[1] - span[0]));
    return;
  }
  const away = ({ time, value }) => Math.hypot(across(time) - place.x, up(value) - place.y);
  const near = runsInView()
    .flatMap((run) => run.snapshots.map(({ time, accuracy }) => ({ time, accuracy, value: valueAt(run, spec, time) })))
    .filter(({ accuracy, value }) => value !== null && accuracy !== null)
    .sort((a, b) => away(a) - away(b));
  if (near.length) goNear(near[0].accuracy);
}

let charts = [];

const isWanted = (spec) => wanted.get(spec.names[0]);

/** The sentences of the charts that are shown. */
function glossary() {
  const known = specs.filter((spec) => isWanted(spec) && meaning(spec.names[0]));
  return known.flatMap((spec) => [make("dt", {}, spec.title), make("dd", {}, meaning(spec.names[0]))]);
}

function layCharts() {
  const shown = specs.filter(isWanted);
  const longest = Math.max(0, ...shown.flatMap((spec) => ticksOf(spec).map(([, words]) => words.length)));
  EDGE.left = Math.max(38, DIGIT * (longest + 1)); // the same for all charts: their epochs are below each other
  charts = shown.map(chart);
  find("charts").replaceChildren(...charts.map(({ element }) => element));
  find("glossary").lastElementChild.replaceChildren(...glossary());
  find("glossary").hidden = !glossary().length;
  charts.forEach(({ update }) => update());
}

/** A box that chooses a chart. */
function choice(spec) {
  const box = make("input", { type: "checkbox", checked: isWanted(spec) });
  box.addEventListener("change", () => {
    wanted.set(spec.names[0], box.checked);
    layCharts();
  });
  return make("label", {}, box, ` ${spec.title}`);
}

when("loaded", () => {
  const names = new Set(runs.flatMap((run) => Object.keys(run.curves)));
  const others = [...names].filter((name) => !SPECS.some((spec) => spec.names.includes(name)));
  specs = [...SPECS, ...others.map((name) => ({ title: inWords(name), names: [name] }))];
  specs = specs.filter((spec) => spec.names.some((name) => names.has(name)));
  for (const [place, { names: [name] }] of specs.entries()) {
    if (!wanted.has(name)) wanted.set(name, place < MOST_CHARTS);
  }
  span = wholeSpan();
  const controlled = runs.some((run) => Object.keys(run.controls).length);
  EDGE.right = controlled ? 64 : 8; // room for the names of the controls
  find("measures").hidden = specs.length < 2;
  find("measures").lastElementChild.replaceChildren(...specs.map(choice));
  layCharts();
});
when("moved", () => charts.forEach(({ update }) => update()));
