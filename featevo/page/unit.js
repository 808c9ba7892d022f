// One unit of another view, large.

const single = find("single");
const opened = { run: null, parts: [], unit: null, frame: 0 };

function openUnit(run, parts, unit) {
  const { frame } = shownBy(run, hasView(parts[0].name));
  if (frame < 0) return;
  Object.assign(opened, { run, parts, unit, frame });
  single.showModal();
  showUnit();
}

/** The frames that have the first view of the open unit. */
const framesOfView = () => framesOf(opened.run, hasView(opened.parts[0].name));

function showUnit() {
  const { run, parts, unit, frame } = opened;
  const frames = framesOfView();
  const place = frames.indexOf(frame);
  const room = Math.min(512, window.innerWidth - 48);
  const figures = parts.map((view) => {
    const at = run.snapshots.findLastIndex((snapshot, k) => k <= frame && hasView(view.name)(snapshot));
    const label = `${view.name} of ${wholeName(unit)}`;
    const canvas = make("canvas", { role: "img", width: 1, height: 1, "aria-label": label });
    const size = drawUnit(canvas, run, view, at, unit);
    // Only whole factors: all pixels of the image have the same size; a larger image is reduced.
    if (size) canvas.style.width = `${Math.floor(room / size[0]) * size[0] || room}px`;
    const facts = Object.entries(numbersOf(run, view, at, unit)).map(numberWords).join(", ");
    const earlier = at >= 0 && at < frame ? `epoch ${run.snapshots[at].label}` : "";
    const words = [parts.length > 1 ? view.name : "", earlier, facts].filter(Boolean).join(" · ");
    return make("figure", {}, canvas, make("figcaption", {}, words));
  });
  find("unitname").textContent = wholeName(unit);
  find("unitmoment").replaceChildren(swatch(run), make("strong", {}, run.label), ` ${moment({ run, frame })}`);
  find("unitimages").replaceChildren(...figures);
  find("unitwhich").textContent = `snapshot ${place + 1} of ${frames.length}`;
  enable("unitbefore", place > 0);
  enable("unitafter", place < frames.length - 1);
}

/** Go to another snapshot with this view, or to another unit. */
function turnUnit(snapshots, units) {
  const frames = framesOfView();
  opened.frame = frames[frames.indexOf(opened.frame) + snapshots] ?? opened.frame;
  opened.unit = opened.parts[0].units[opened.parts[0].units.indexOf(opened.unit) + units] ?? opened.unit;
  showUnit();
}

find("unitbefore").addEventListener("click", () => turnUnit(-1, 0));
find("unitafter").addEventListener("click", () => turnUnit(1, 0));
single.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way) return;
  event.preventDefault();
  turnUnit(...way);
});
