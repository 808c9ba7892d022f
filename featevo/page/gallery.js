// The images that are on the page now: each cell has its run, its class and a function that finds its snapshot.

const PER_PAGE = 48;

let cells = []; // {of: () => ({run, frame}), name, canvas, button, caption, painted: what it shows now}
let heads = []; // {of, element}

/** The line of a run's curve, as a key to its colour and dashes. */
const swatch = (run) =>
  make(
    "svg",
    { class: "swatch", viewBox: "0 0 28 6", "aria-hidden": "true" },
    make("line", { x1: 0, y1: 3, x2: 28, y2: 3, style: `stroke: ${run.colour}`, "stroke-dasharray": run.dash || null }),
  );

/** An image that opens on a click; `caption` gives the elements under it. */
function cell(of, name, caption) {
  const canvas = make("canvas", { role: "img", width: 1, height: 1 });
  const button = make("button", { type: "button", class: "image" }, canvas);
  const words = make("figcaption");
  cells.push({ of, name, canvas, button, painted: null, caption: () => words.replaceChildren(...caption()) });
  button.addEventListener("click", () => openLarge(of(), name));
  return make("figure", { class: "cell" }, button, words);
}

/** The name of a run with its moment. */
function head(of) {
  const element = make("div", { class: "head" });
  heads.push({ of, element });
  return element;
}

/** The snapshot that a run shows now. */
const now = (run) => () => ({ run, ...shownBy(run, ofClasses) });

/** The probability of a render's own class, for its caption. */
function probability({ run, frame }, name) {
  const render = renderOf(run, frame, name);
  const value = render?.probability;
  if (value === null || value === undefined) return null;
  const meaning = "Probability of this class for this image";
  return make("span", { class: "number", title: meaning }, `p ${value.toFixed(2)}`);
}

/** A run's epoch and accuracy in words, with remarks; `has` tells which snapshots have what is shown. */
function moment({ run, frame, reached }, has = ofClasses) {
  const first = run.snapshots.find(has);
  if (!first) return "no snapshot";
  if (frame < 0) return state.axis === "epoch" ? `first drawn at epoch ${first.label}` : "no accuracy";
  const snapshot = run.snapshots[frame];
  return `epoch ${snapshot.label} · ${snapshot.caption}${reached === false ? " (its best)" : ""}`;
}

/** A run's name that may break after each equals sign, as in "init=pretrained": columns are narrow. */
const breakable = (label) => label.split("=").flatMap((part, place) => (place ? ["=", make("wbr"), part] : [part]));

function paintHead({ of, element }) {
  const shown = of();
  const snapshot = shown.run.snapshots[shown.frame];
  element.classList.toggle("short", shown.reached === false);
  element.replaceChildren(
    swatch(shown.run),
    make("strong", {}, ...breakable(shown.run.label)),
    make("span", { class: "moment" }, moment(shown)),
    snapshot?.error ? make("span", { class: "error" }, `not drawn: ${snapshot.error}`) : "",
  );
}

function paintCell(cell) {
  const { of, name, canvas, button, caption } = cell;
  const { run, frame, reached } = of();
  const shown = [run.number, frame, reached].join();
  if (cell.painted === shown) return;
  cell.painted = shown;
  const there = draw(canvas, run, frame, name);
  const none = frame < 0 || !run.place.has(name); // not drawn yet, or no class of this run: nothing is missing
  button.classList.toggle("missing", !there && !none);
  button.classList.toggle("none", none);
  canvas.setAttribute("aria-label", describe(run, frame, name));
  caption();
}

function paint() {
  heads.forEach(paintHead);
  cells.forEach(paintCell);
}

/** The classes on this page of the finder. */
function paged() {
  const all = found();
  const pages = Math.max(1, Math.ceil(all.length / PER_PAGE));
  state.page = Math.max(0, Math.min(state.page, pages - 1));
  const start = state.page * PER_PAGE;
  const some = all.slice(start, start + PER_PAGE);
  find("page").textContent = all.length ? `${start + 1}–${start + some.length} of ${all.length}` : "none found";
  enable("earlier", state.page > 0);
  enable("later", state.page < pages - 1);
  return some;
}

function build() {
  cells = [];
  heads = [];
  const names = paged();
  const none = state.query ? "No class has this name." : "No class was drawn.";
  const empty = !runsInView().length ? "No run is chosen." : names.length ? null : none;
  find("gallery").className = state.layout;
  find("gallery").replaceChildren(...(empty ? [make("p", { class: "empty" }, empty)] : LAYOUTS[state.layout](names)));
}

/** Lay out anew, then show the moment. */
function rearrange() {
  notify("arranged");
  notify("moved");
}

when("arranged", build);
when("moved", paint);
