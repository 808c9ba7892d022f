// The record in the page, the state of the view, and the functions to call when either changes.

let record = { runs: [], classes: [] };
let runs = [];

const HUES = 7;
const DASHES = ["", "7 3", "2 2.5", "9 3 2 3", "1 4"];
const MOST_RUNS = 8; // shown at first: more columns are too narrow

/** Take the record that the page shows. */
function take(content) {
  record = content;
  runs = record.runs;
  for (const [number, run] of runs.entries()) {
    const kin = runs.filter((other) => other.group === run.group);
    run.number = number;
    run.colour = `var(--hue-${run.group % HUES})`;
    // Runs of one kind share a colour and differ in their dashes; so do kinds when all colours are used.
    run.dash = DASHES[(kin.indexOf(run) + Math.floor(run.group / HUES)) % DASHES.length];
    run.place = new Map(run.classes.map((name, place) => [name, place]));
  }
}

take(JSON.parse(find("content").textContent));

/** At most `most` numbers of 0 to count - 1, evenly spread. */
function evenly(count, most) {
  if (count <= most) return [...Array(count).keys()];
  return [...Array(most).keys()].map((k) => Math.round((k * (count - 1)) / (most - 1)));
}

/** The numbers of two runs to compare: the first, and the first of another kind. */
function twoRuns() {
  const other = runs.findIndex((run) => run.group !== runs[0].group);
  return [0, other > 0 ? other : runs.length - 1];
}

const state = {
  axis: "epoch",
  at: 0, // number of the current stop of the timeline
  layout: runs.length > 1 ? "rows" : "panels",
  visible: new Set(evenly(runs.length, MOST_RUNS)),
  pair: twoRuns(),
  way: "blinking", // of comparing the pair
  side: 0, // of the pair: the run that is shown now
  edge: 50, // between the pictures of the pair, in per cent of the width
  filmed: 0,
  real: true, // whether real images are shown
  query: "",
  page: 0,
};

const listeners = { loaded: [], arranged: [], moved: [] };

/** Call a function when there is a record ("loaded"), the layout ("arranged") or the moment ("moved") has changed. */
const when = (event, act) => listeners[event].push(act);
const notify = (event) => listeners[event].forEach((act) => act());

/** Whether the pair is in one picture, not in turn. */
const inOnePicture = () => state.layout === "blink" && state.way !== "blinking";

/** The same run in the record that the page shows now. */
const same = (run) => runs.find(({ key }) => key === run?.key);

/** The runs whose images are shown. */
function runsInView() {
  if (state.layout === "blink") return [...new Set(state.pair)].map((number) => runs[number]);
  if (state.layout === "film") return [runs[state.filmed]];
  return runs.filter((run) => state.visible.has(run.number));
}

/** The numbers of the classes of these runs that match the search. */
function found() {
  const query = state.query.trim().toLowerCase();
  const inView = runsInView();
  return record.classes
    .map((name, number) => number)
    .filter((number) => inView.some((run) => run.place.has(number)))
    .filter((number) => record.classes[number].toLowerCase().includes(query));
}

/** Whether no run has a class, and some have other views, which then take the place of the gallery. */
const ofViewsAlone = () => !record.classes.length && runs.some((run) => run.views.length);

/** Whether a snapshot is of the classes, not of other views alone. */
const ofClasses = (snapshot) => snapshot.ofClasses;

/** The numbers of a run's snapshots that have something. */
const framesOf = (run, has) => [...run.snapshots.keys()].filter((frame) => has(run.snapshots[frame]));

/** A run's render of a class in one of its snapshots; null where there is none. */
function renderOf(run, frame, name) {
  const place = run.place.get(name);
  return frame < 0 || place === undefined ? null : run.snapshots[frame].renders[place];
}
