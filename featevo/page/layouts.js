// The four layouts: rows of classes, panels of runs, two runs in the same place, and the film of one run.

const LAYOUTS = { rows, panels, blink, film };

const className = (name) => make("span", { class: "class" }, record.classes[name]);

/** A row per class, a column per entry of `columns`, real images before them; on a narrow screen a block per class. */
function matrix(columns, names, owner) {
  const real = names.some(hasReal);
  const heading = [...(real ? [realHead()] : []), ...columns.map((of) => head(of))];
  const body = names.flatMap((name) => [
    make("div", { class: "rowname" }, record.classes[name]),
    ...(real ? [realCell(name, make("span", { class: "owner" }, make("span", {}, REAL)))] : []),
    ...columns.map((of) => cell(of, name, () => [owner(of()), probability(of(), name)].filter(Boolean))),
  ]);
  const shape = { class: heading.length > 10 ? "matrix wide" : "matrix", style: `--columns: ${heading.length}` };
  return [make("div", shape, make("div"), ...heading, ...body)];
}

function rows(names) {
  const owner = (shown) =>
    make("span", { class: "owner" }, swatch(shown.run), make("span", {}, shown.run.label), ` ${moment(shown)}`);
  return matrix(runsInView().map(now), names, owner);
}

const LONGEST_FILM = 40; // columns: more cannot be compared, and every image of them is painted

/** Each snapshot of one run; the current one is framed. */
function film(names) {
  const run = runs[state.filmed];
  const frames = framesOf(run, ofClasses);
  const count = frames.length;
  if (!count) return [make("p", { class: "empty" }, "No snapshot was recorded.")];
  const columns = evenly(count, LONGEST_FILM).map((place) => () => ({ run, frame: frames[place] }));
  const owner = ({ frame }) => make("span", { class: "owner" }, `epoch ${run.snapshots[frame].label}`);
  const few = columns.length < count;
  const note = `${columns.length} of ${count} snapshots, evenly spread; the slider has all in the other layouts.`;
  return [...(few ? [make("p", { class: "note" }, note)] : []), ...matrix(columns, names, owner)];
}

/** The paper's quadrants for four classes, clockwise from the upper left; a grid for other numbers. */
function panel(heading, names, quadrants, cellOf) {
  const order = quadrants ? [0, 1, 3, 2].map((place) => names[place]) : names;
  const images = order.map(cellOf);
  const few = quadrants || names.length === 1;
  const shape = { class: few ? "panel few" : "panel", style: few ? `--across: ${Math.sqrt(names.length)}` : null };
  return make("section", { class: "run" }, heading, make("div", shape, ...images));
}

function runPanel(of, names, quadrants) {
  const caption = (name) => () => [className(name), probability(of(), name)].filter(Boolean);
  return panel(head(of), names, quadrants, (name) => cell(of, name, caption(name)));
}

/** The panel of real images; none if they are not shown. */
function realPanel(names) {
  const own = names.filter(hasReal);
  const quadrants = own.length === 4 && record.classes.length === 4;
  return own.length ? [panel(realHead(), own, quadrants, (name) => realCell(name, className(name)))] : [];
}

/** Each run with its own classes. */
function panels(names) {
  const ofRuns = runsInView().map((run) => {
    const own = names.filter((name) => run.place.has(name));
    return runPanel(now(run), own, own.length === 4 && run.classes.length === 4);
  });
  return [...realPanel(names), ...ofRuns];
}

/** One panel in which two runs alternate, so that only differences are visible, or are in one picture. */
function blink(names) {
  if (inOnePicture()) return together(names);
  return [runPanel(() => now(runs[state.pair[state.side]])(), names, names.length === 4 && record.classes.length === 4)];
}

// Blinking: by key or button, or automatically.

let blinking = null;

function showOther() {
  state.side = 1 - state.side;
  showSide();
  notify("moved");
}

function showSide() {
  find("gallery").style.setProperty("--side", runs[state.pair[state.side]].colour);
  find("blink").setAttribute("aria-pressed", String(state.side === 1));
}

function blinkByItself(on) {
  clearInterval(blinking);
  blinking = on ? setInterval(showOther, 900) : null;
  find("automatic").checked = on;
}

/** Choose blinking or, when it is chosen, show the other run. */
function blinkKey() {
  if (runs.length < 2) return;
  if (inOnePicture()) return find("way").querySelector("[value=blinking]").click();
  if (state.layout === "blink") return showOther();
  find("layout").querySelector("[value=blink]").click();
}

for (const [side, id] of ["first", "second"].entries()) {
  find(id).addEventListener("change", (event) => {
    state.pair[side] = Number(event.target.value);
    rearrange();
  });
}
find("filmed").addEventListener("change", (event) => {
  state.filmed = Number(event.target.value);
  rearrange();
});
find("blink").addEventListener("click", showOther);
find("automatic").addEventListener("change", (event) => blinkByItself(event.target.checked));
when("loaded", () => {
  offer("first", runs, runs[state.pair[0]]);
  offer("second", runs, runs[state.pair[1]]);
  offer("filmed", runs, runs[state.filmed]);
});
when("arranged", () => {
  if (state.layout !== "blink" || inOnePicture()) blinkByItself(false);
  showSide();
});
// The film frames the snapshot of the moment, or the last one before it that it shows.
when("moved", () => {
  if (state.layout !== "film") return;
  const now = shownBy(runs[state.filmed]).frame;
  const frame = heads.map(({ of }) => of().frame).findLast((one) => one <= now);
  for (const { of, element } of heads) element.classList.toggle("current", of().frame === frame);
  for (const { of, button } of cells) button.classList.toggle("current", of().frame === frame);
});
