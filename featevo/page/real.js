// Real images of each class, beside its renders.

const REAL = "real images";
const LARGEST = 200; // pixels of the side, beside a large render
const MOST_EXEMPLARS = 300; // pixels of the width to which they are enlarged

/** Whether real images of a class are shown now. */
const hasReal = (name) => state.real && (record.real?.seen[name] ?? false);

/** The real images of a class. */
function realCanvas(name) {
  const words = `Real images of ${record.classes[name]}`;
  const canvas = make("canvas", { role: "img", width: 1, height: 1, "aria-label": words });
  const found = onSheet(record.real, name);
  whenReady(found.image, () => copy(canvas, found));
  return canvas;
}

/** A cell of real images, which does not open; empty for a class that has none. */
function realCell(name, ...caption) {
  if (!hasReal(name)) return make("div");
  const image = make("div", { class: "image" }, realCanvas(name));
  return make("figure", { class: "cell real" }, image, make("figcaption", {}, ...caption));
}

/** The heading of real images, of the height of a run's. */
function realHead() {
  const space = make("span", { class: "swatch" });
  const moment = make("span", { class: "moment" }, "validation set");
  return make("div", { class: "head real" }, space, make("strong", {}, REAL), moment);
}

/** The real images of a class for the large view; none if they are not shown. */
function realLarge(name) {
  if (!hasReal(name)) return [];
  const canvas = realCanvas(name);
  // Whole factors, as for the render; only a larger picture is reduced.
  const factor = Math.floor(LARGEST / record.real.side);
  canvas.style.width = `${factor * record.real.side || LARGEST}px`;
  canvas.style.imageRendering = factor ? "pixelated" : "auto";
  return [make("figure", {}, canvas, make("figcaption", {}, REAL))];
}

/** The exemplars of a class in the same snapshot, for the large view: of each view that has some. */
function exemplarsLarge(run, frame, name, room) {
  const isOfClass = ([, group, own]) => !group && own === record.classes[name];
  return run.views.flatMap((view) => {
    const unit = view.units.find(isOfClass);
    const values = unit && hasView(view.name)(run.snapshots[frame]) ? numbersOf(run, view, frame, unit) : {};
    if (!("most" in values && "least" in values)) return [];
    const canvas = make("canvas", { role: "img", width: 1, height: 1, "aria-label": `Exemplars of ${record.classes[name]}` });
    const size = drawUnit(canvas, run, view, frame, unit);
    if (!size) return [];
    const factor = Math.floor(Math.min(room, MOST_EXEMPLARS) / size[0]);
    canvas.style.width = `${factor * size[0] || Math.min(room, size[0])}px`;
    canvas.style.imageRendering = factor ? "pixelated" : "auto";
    const words = `${view.name}: images that activate the unit most (above, up to ${brief(values.most)}) and least (below, down to ${brief(values.least)})`;
    return [make("figure", {}, canvas, make("figcaption", {}, words))];
  });
}

find("real").checked = state.real;
find("real").addEventListener("change", (event) => {
  state.real = event.target.checked;
  rearrange();
});
when("arranged", () => {
  find("reality").hidden = !record.real || state.layout === "blink";
});
