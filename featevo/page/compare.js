// Two runs in one picture instead of in turn: a vertical edge between them ("swipe"), or their difference.

const FACTOR = 2; // of the difference

const WAYS = {
  swipe: {
    words: "Left of the edge is the first run, right of it the second. The edge follows the pointer and the slider “edge”.",
    canvases: 2,
    show: ([under, over], shown, name) => {
      const there = [under, over].map((canvas, side) => draw(canvas, shown[side].run, shown[side].frame, name));
      return there.some(Boolean);
    },
  },
  difference: {
    words: `Absolute difference of the two pictures in each colour channel, times ${FACTOR}; black is equal, and what is more than 255 is cut off.`,
    canvases: 1,
    show: ([canvas], shown, name) => subtract(canvas, shown, name),
  },
};

let pairs = []; // {canvases, button, caption, name, painted: what they show now}

const two = () => state.pair.map((number) => now(runs[number])());

/** The panel of both runs. */
function together(names) {
  pairs = [];
  const heading = make("div", {}, make("div", { class: "sharing" }, ...state.pair.map((number) => head(now(runs[number])))));
  heading.append(make("p", { class: "note" }, WAYS[state.way].words));
  const whole = panel(heading, names, names.length === 4 && record.classes.length === 4, pairCell);
  whole.classList.add("together");
  return [whole];
}

/** One class; a click opens the image of the first run. */
function pairCell(name) {
  const canvases = [...Array(WAYS[state.way].canvases)].map(() => make("canvas", { role: "img", width: 1, height: 1 }));
  const button = make("button", { type: "button", class: state.way === "swipe" ? "image swiped" : "image" }, ...canvases);
  const caption = make("figcaption");
  button.addEventListener("click", () => openLarge(two()[0], name));
  pairs.push({ canvases, button, caption, name, painted: null });
  return make("figure", { class: "cell" }, button, caption);
}

function paintPair(pair) {
  const { canvases, button, caption, name } = pair;
  const shown = two();
  const key = shown.map(({ run, frame }) => [run.number, frame]).join();
  if (pair.painted === key) return;
  pair.painted = key;
  button.classList.toggle("none", !WAYS[state.way].show(canvases, shown, name));
  const labels = shown.map(({ run, frame }) => describe(run, frame, name));
  const whole = canvases.length > 1 ? labels : [`Difference times ${FACTOR} of: ${labels.join("; ")}`];
  canvases.forEach((canvas, k) => canvas.setAttribute("aria-label", whole[k]));
  const values = shown.map(({ run, frame }) => renderOf(run, frame, name)?.probability ?? null);
  const number = `p ${values.map((value) => value?.toFixed(2) ?? "–").join(", ")}`;
  const title = "Probability of this class for the image of each run";
  caption.replaceChildren(className(name), make("span", { class: "number", title }, number));
}

/** Show |first - second| times `FACTOR`; returns whether there are two images, without which the canvas is empty. */
function subtract(canvas, shown, name) {
  const [first, second] = shown.map(({ run, frame }) => locate(run, frame, name));
  const side = Math.max(first?.side ?? 1, second?.side ?? 1);
  canvas.width = canvas.height = side; // this empties it
  const wanted = (canvas.wanted = {});
  if (!first || !second) return false;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false; // the smaller image keeps its pixels
  whenReady(first.image, () => whenReady(second.image, () => {
    if (canvas.wanted !== wanted) return;
    put(context, first, side);
    context.globalCompositeOperation = "difference";
    put(context, second, side);
    context.globalCompositeOperation = "lighter"; // adds the picture to itself: FACTOR is 2
    context.drawImage(canvas, 0, 0);
  }));
  return true;
}

function showEdge(share) {
  state.edge = Math.max(0, Math.min(100, share));
  find("edge").value = state.edge;
  find("gallery").style.setProperty("--edge", state.edge);
}

onChoice("way", (way) => {
  state.way = way;
  rearrange();
});
find("edge").addEventListener("input", (event) => showEdge(Number(event.target.value)));
find("gallery").addEventListener("pointermove", (event) => {
  const image = event.target.closest(".swiped");
  if (!image) return;
  const { left, width } = image.getBoundingClientRect();
  showEdge((100 * (event.clientX - left)) / width);
});
when("loaded", () => {
  find("way").querySelector(`[value=${state.way}]`).checked = true;
  showEdge(state.edge);
});
when("arranged", () => {
  find("turns").hidden = state.way !== "blinking";
  find("edging").hidden = state.way !== "swipe";
});
when("moved", () => {
  if (inOnePicture()) pairs.forEach(paintPair);
});
