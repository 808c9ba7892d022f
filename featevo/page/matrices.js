// Confusion matrices of a chosen run at the current moment, as heat maps.

const MATCHED = "share of two rendered and two real images that are matched rightly; 50 is chance";
const HEATS = {
  shipped: ["Likeness (shipped)", MATCHED],
  efficientnet_lite0: ["Likeness (EfficientNet-Lite0)", MATCHED],
  vgg16: ["Likeness (VGG-16)", MATCHED],
  validation: ["Validation images", "what the network predicts"],
  real: ["Validation images, two classes at a time", "share that is told rightly; 50 is chance"],
  patches: ["The same with shuffled patches", "share that is told rightly; 50 is chance"],
  self: ["Renders", "what the network predicts"],
};
const CELL = 30;
const LONGEST_NAME = 16;
const compared = { run: undefined };

const clipped = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

/** Colours follow the square root of a share, so that small shares are visible. */
const root = (share) => Math.sqrt(share);
const arrow = (row, column, value) => `${row} → ${column}: ${percent(value / 1000)}`;
const shade = (depth) => `fill: color-mix(in oklab, var(--hue-1) ${Math.round(100 * depth)}%, var(--raised))`;
const DEEP = Math.sqrt(0.35); // from here on, light letters are easier to read

/**
 * A heat map with its labels; `rows` in thousandths. A row `marked` or a column is framed; `tint` gives the depth of the
 * colour in 0..1, `tell` the words of a value.
 */
function heat({ title, about, down, across, rows: values, marked = -1, column = -1, tint = root, tell = arrow }) {
  const few = across.length <= 10; // with room for numbers
  const longest = (names) => Math.max(...names.map((name) => clipped(name).length));
  const [left, top] = [longest(down) * 6.2 + 10, longest(across) * 4.6 + 16];
  const [width, height] = [left + CELL * across.length + longest(across) * 3.4, top + CELL * down.length + 2];
  const look = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${about}` };
  const svg = make("svg", { ...look, style: `max-width: ${width * 1.05}px` });
  for (const [j, name] of across.entries()) {
    const place = `translate(${left + CELL * (j + 0.5)} ${top - 6}) rotate(-45)`;
    svg.append(make("text", { transform: place }, clipped(name), make("title", {}, name)));
  }
  for (const [i, row] of values.entries()) {
    const y = top + CELL * i;
    const label = { x: left - 7, y: y + CELL / 2 + 4, "text-anchor": "end", class: i === marked ? "marked" : null };
    svg.append(make("text", label, clipped(down[i]), make("title", {}, down[i])));
    for (const [j, value] of row.entries()) {
      if (value === null) continue;
      const x = left + CELL * j;
      const depth = tint(value / 1000);
      const words = tell(down[i], across[j], value);
      const size = { x: x + 0.75, y: y + 0.75, width: CELL - 1.5, height: CELL - 1.5, rx: 2 };
      svg.append(make("rect", { ...size, style: shade(depth) }, make("title", {}, words)));
      if (!few || value < 5) continue;
      const tone = depth >= DEEP ? "over" : "under"; // for contrast with its shade
      const middle = { x: x + CELL / 2, y: y + CELL / 2 + 4, class: tone, "text-anchor": "middle" };
      svg.append(make("text", middle, String(Math.round(value / 10))));
    }
  }
  if (marked >= 0) {
    const frame = { x: left - 1, y: top + CELL * marked - 1, width: CELL * across.length + 2, height: CELL + 2, rx: 3 };
    svg.append(make("rect", { ...frame, class: "frame" }));
  }
  if (column >= 0) {
    const frame = { x: left + CELL * column - 1, y: top - 1, width: CELL + 2, height: CELL * down.length + 2, rx: 3 };
    svg.append(make("rect", { ...frame, class: "frame" }));
  }
  return make("figure", { class: "heat" }, make("figcaption", {}, title, make("span", {}, ` ${about}`)), svg);
}

/** The matrices of the latest snapshot up to a frame that has some. */
function latestMatrices({ matrices }, frame) {
  const frames = Object.keys(matrices.byFrame ?? {}).map(Number);
  const found = Math.max(-1, ...frames.filter((one) => one <= frame));
  return { found, shown: matrices.byFrame?.[found] };
}

function confusions(run, frame) {
  const { found, shown } = latestMatrices(run, frame);
  const { tooMany } = run.matrices;
  if (!shown && tooMany) {
    const files = "evolution/epoch=…/confusion.json";
    return [make("p", { class: "empty" }, `Matrices of ${tooMany} classes are too large to be read here: ${files}.`)];
  }
  if (!shown) return run.matrices.byFrame ? [make("p", { class: "empty" }, "No matrices yet.")] : [];
  const maps = Object.entries(HEATS).filter(([kind]) => shown[kind]);
  return [
    make("p", { class: "moment" }, swatch(run), `${run.label}, ${moment({ run, frame: found })}`),
    make(
      "div",
      { class: "heats" },
      ...maps.map(([kind, [title, about]]) =>
        heat({ title, about, down: shown.classes, across: shown.classes, rows: shown[kind] }),
      ),
    ),
  ];
}

function transferred(run, frame) {
  const { epochs, transfer } = run.matrices;
  if (!transfer) return [];
  const marked = epochs.indexOf(run.snapshots[frame]?.label.split(",")[0]);
  const title = "Renders of one epoch, networks of another";
  const about = "rows: renders; columns: networks; mean probability";
  const map = heat({ title, about, down: epochs, across: epochs, rows: transfer, marked });
  return [make("div", { class: "heats" }, map)];
}

function showMatrices() {
  if (!compared.run || !find("matrices").open) return;
  const { run } = compared;
  const { frame } = shownBy(run);
  find("heats").replaceChildren(...confusions(run, frame), ...transferred(run, frame));
}

when("loaded", () => {
  const withMatrices = runs.filter((run) => Object.keys(run.matrices).length);
  compared.run = same(compared.run) ?? withMatrices[0];
  find("matrices").hidden = !withMatrices.length;
  offer("compared", withMatrices, compared.run);
  find("compared").hidden = withMatrices.length < 2;
});
find("compared").addEventListener("change", (event) => {
  compared.run = runs[event.target.value];
  showMatrices();
});
find("matrices").addEventListener("toggle", showMatrices);
when("moved", showMatrices);
