// One image, large, with its whole record.

const ABOUT_OBJECTIVE =
  "Objective: the quantity that is maximised, measured before each step, with the transforms and with the effect of " +
  "every filter so far. Logit: of the finished image, without transforms and after the last step's filters, so it " +
  "need not be the last value.";
const ABOUT_OLDER = "This older record kept only some values, before and after filters, so the curve can have jumps that the optimisation did not have.";

const large = find("large");
const open = { run: null, frame: 0, name: 0, from: 0 };

function openLarge({ run, frame }, name) {
  if (frame < 0) return;
  Object.assign(open, { run, frame, name });
  large.showModal();
  showLarge();
}

function showLarge() {
  const { run, frame, name } = open;
  const snapshot = run.snapshots[frame];
  const render = renderOf(run, frame, name);
  const canvas = large.querySelector("canvas");
  large.querySelector(".frame").classList.toggle("missing", !draw(canvas, run, frame, name));
  canvas.setAttribute("aria-label", describe(run, frame, name));
  // Only whole factors: all pixels of the image have the same size.
  const room = Math.min(512, window.innerWidth - 48, window.innerHeight - 120);
  const width = snapshot.side * Math.max(1, Math.floor(room / snapshot.side));
  canvas.style.width = `${width}px`;
  find("name").textContent = record.classes[name];
  const frames = framesOf(run, ofClasses);
  const place = frames.indexOf(frame);
  find("which").textContent = `snapshot ${place + 1} of ${frames.length}`;
  enable("before", place > 0);
  enable("after", place < frames.length - 1);
  find("beside").replaceChildren(...realLarge(name), ...exemplarsLarge(run, frame, name, width));
  const unfolded = large.querySelector("details")?.open ?? false;
  find("facts").replaceChildren(
    make("p", { class: "head" }, swatch(run), make("strong", {}, run.label), ` ${moment({ run, frame })}`),
    ...(snapshot.error ? [make("p", { class: "error" }, `Not drawn: ${snapshot.error}`)] : []),
    ...(render ? about(run, frame, name, render) : []),
    origin(run, snapshot, unfolded),
  );
}

const about = (run, frame, name, render) => [
  numbers(render),
  objective(run, run.snapshots[frame], render),
  bars(render, name),
  measured(run, frame, name),
  nearest(run, frame, name),
];

const numbers = (render) =>
  make("p", { class: "numbers" }, `logit ${brief(render.logit)}, probability ${brief(render.probability)}`);

function objective(run, snapshot, render) {
  const trace = render.trace;
  if (trace.length < 2) return "";
  const [low, high] = [Math.min(...trace), Math.max(...trace)];
  const up = (value) => 62 - (56 * (value - low)) / (high - low || 1);
  const last = trace.length - 1;
  const place = (k) => (render.of && k ? 1 - ((last - k) * render.every) / (render.of - 1) : k / last);
  const points = trace.map((value, k) => `${300 * place(k)},${up(value)}`).join(" ");
  const steps = render.of || (snapshot.provenance.steps ?? run.provenance.steps);
  const some = render.every > 1 ? `, one value of ${render.every} shown` : "";
  const words = ` ${brief(trace[0])} → ${brief(trace[last])}${steps ? ` in ${steps} steps` : ""}${some}`;
  const look = { viewBox: "0 0 300 66", preserveAspectRatio: "none", role: "img", "aria-label": "Objective by step" };
  const curve = make("svg", look, make("polyline", { points }));
  const caption = make("figcaption", {}, "Objective", make("span", {}, words));
  const jumps = steps > trace.length && !render.of ? ` ${ABOUT_OLDER}` : "";
  return make("figure", { class: "trace" }, caption, curve, make("p", { class: "note" }, ABOUT_OBJECTIVE + jumps));
}

/** The likeliest classes; an older record has only the probability of the image's own class. */
function bars(render, name) {
  const own = record.classes[name];
  const known = [...render.likeliest];
  if (render.probability !== null && !known.some(([other]) => other === own)) known.push([own, render.probability]);
  if (!known.length) return "";
  const rows = known.flatMap(([other, value]) => [
    make("span", { class: other === own ? "own" : null }, other),
    make("span", { class: "bar", "aria-hidden": "true" }, make("i", { style: `width: ${100 * value}%` })),
    make("span", { class: "number" }, value.toFixed(3)),
  ]);
  return make("figure", { class: "bars" }, make("figcaption", {}, "Probabilities"), make("div", {}, ...rows));
}

/** The provenance of the image; nested entries have dotted names. */
function origin(run, snapshot, unfolded) {
  const flat = (value, name) => {
    if (value === null || typeof value !== "object") return [[name, String(value)]];
    if (Array.isArray(value) || !Object.keys(value).length) return [[name, JSON.stringify(value)]];
    return Object.entries(value).flatMap(([key, inner]) => flat(inner, name ? `${name}.${key}` : key));
  };
  const entries = flat({ ...run.provenance, ...snapshot.provenance }, "").filter(([name]) => name);
  if (!entries.length) return "";
  const list = entries.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  const heading = make("summary", {}, "Provenance of this image");
  return make("details", { open: unfolded }, heading, make("dl", {}, ...list));
}

/** Go to another snapshot or class of the run. */
function turn(snapshots, classes) {
  const { run, name } = open;
  const frames = framesOf(run, ofClasses);
  open.frame = frames[frames.indexOf(open.frame) + snapshots] ?? open.frame;
  const place = run.classes.indexOf(name) + classes;
  if (run.classes[place] !== undefined) open.name = run.classes[place];
  showLarge();
}

find("before").addEventListener("click", () => turn(-1, 0));
find("after").addEventListener("click", () => turn(1, 0));
const frame = large.querySelector(".frame");
frame.addEventListener("pointerdown", (event) => (open.from = event.clientX));
frame.addEventListener("pointerup", (event) => {
  const way = event.clientX - open.from;
  if (Math.abs(way) > 40) turn(way < 0 ? 1 : -1, 0); // a swipe
});
large.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way) return;
  event.preventDefault();
  turn(...way);
});
