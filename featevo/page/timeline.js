// The slider: its stops, the snapshot of each run at a stop, and the moves between them.

let stops = []; // {value, text}, ascending; value in epochs or as an accuracy
let timer = null;

/** Every place where a run in view shows another snapshot. */
function findStops() {
  const texts = new Map();
  // If two runs name one moment differently, the shorter name ("epoch 3", not "epoch 3, step 30") fits both.
  const call = (value, text) => texts.set(value, texts.get(value)?.length <= text.length ? texts.get(value) : text);
  for (const run of runsInView()) {
    let best = -1;
    for (const snapshot of run.snapshots) {
      if (state.axis === "epoch") call(snapshot.time, `epoch ${snapshot.label}`);
      else if (snapshot.accuracy !== null && snapshot.accuracy > best) {
        best = snapshot.accuracy;
        texts.set(best, percent(best));
      }
    }
  }
  return [...texts].map(([value, text]) => ({ value, text })).sort((a, b) => a.value - b.value);
}

const here = () => stops[state.at]?.value ?? 0;

/**
 * The snapshot that a run shows now, among those that have what is shown: {frame, reached}; frame -1 before its first,
 * reached false below the accuracy.
 */
function shownBy(run, has = () => true) {
  const { snapshots } = run;
  if (state.axis === "epoch") {
    return { frame: snapshots.findLastIndex((snapshot) => snapshot.time <= here() && has(snapshot)), reached: true };
  }
  const of = (snapshot) => (has(snapshot) ? (snapshot.accuracy ?? -1) : -1);
  const frame = snapshots.findIndex((snapshot) => of(snapshot) >= Math.max(0, here()));
  if (frame >= 0) return { frame, reached: true };
  const best = Math.max(...snapshots.map(of));
  return { frame: best < 0 ? -1 : snapshots.findIndex((snapshot) => of(snapshot) === best), reached: false };
}

/** Go to a stop by its number, limited to the first and the last. */
function go(number) {
  const to = Math.max(0, Math.min(stops.length - 1, number));
  if (to === state.at) return;
  state.at = to;
  notify("moved");
}

/** Go to the stop that is nearest to a value of the axis. */
function goNear(value) {
  const distance = (stop) => Math.abs(stop.value - value);
  go(stops.reduce((nearest, stop, number) => (distance(stop) < distance(stops[nearest]) ? number : nearest), 0));
}

function pause() {
  clearInterval(timer);
  timer = null;
  showPlaying();
}

function play() {
  if (timer || stops.length < 2) return pause();
  if (state.at === stops.length - 1) go(0);
  const step = () => (state.at >= stops.length - 1 ? pause() : go(state.at + 1));
  timer = setInterval(step, 800 / Number(find("speed").value));
  showPlaying();
}

/** Stop playing and go to a stop. */
function steer(number) {
  pause();
  go(number);
}

function showPlaying() {
  find("play").classList.toggle("playing", timer !== null);
  find("play").setAttribute("aria-label", timer ? "Pause" : "Play");
}

/** Set up the slider; its scale is that of the axis, so that uneven stops are visible as such. */
function layTrack() {
  const before = stops.length ? here() : null;
  const atEnd = state.at >= stops.length - 1;
  stops = findStops();
  state.at = Math.max(0, stops.length - 1);
  if (before !== null && !atEnd) goNear(before);
  const [first, last] = [stops[0]?.value ?? 0, stops[stops.length - 1]?.value ?? 0];
  Object.assign(find("slider"), { min: first, max: last, step: "any" });
  const left = (stop) => `left: ${(100 * (stop.value - first)) / (last - first || 1)}%`;
  const marks = stops.length <= 60 ? stops.map((stop) => make("i", { style: left(stop) })) : [];
  find("ticks").replaceChildren(...marks);
  find("slider").disabled = stops.length < 2;
  enable("play", stops.length > 1);
}

function showMoment() {
  const slider = find("slider");
  slider.value = here();
  slider.setAttribute("aria-valuetext", stops[state.at]?.text ?? "no snapshot");
  find("now").textContent = stops[state.at]?.text ?? "no snapshot";
  enable("previous", state.at > 0);
  enable("next", state.at < stops.length - 1);
}

find("slider").addEventListener("input", (event) => {
  pause();
  goNear(Number(event.target.value));
  showMoment(); // the handle is only at stops
});
find("play").addEventListener("click", play);
find("previous").addEventListener("click", () => steer(state.at - 1));
find("next").addEventListener("click", () => steer(state.at + 1));
find("speed").addEventListener("change", () => {
  if (timer) [pause, play].forEach((act) => act());
});
onChoice("axis", (axis) => {
  pause();
  const end = state.at >= stops.length - 1;
  const share = stops.length > 1 ? state.at / (stops.length - 1) : 1;
  state.axis = axis;
  stops = [];
  layTrack();
  if (!end) state.at = Math.round(share * (stops.length - 1));
  notify("moved");
});
when("arranged", layTrack);
when("moved", showMoment);
