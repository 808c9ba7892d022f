// The record as it came with the page, what of it is being looked at, and who hears when that changes.

const record = JSON.parse(find("content").textContent);
const runs = record.runs;

const HUES = 7;
const DASHES = ["", "7 3", "2 2.5", "9 3 2 3", "1 4"];
const MOST_RUNS = 8; // shown at first: more columns are too narrow to see anything in

for (const [number, run] of runs.entries()) {
  const kin = runs.filter((other) => other.group === run.group);
  run.number = number;
  run.colour = `var(--hue-${run.group % HUES})`;
  // Runs of one kind share a colour and differ in their dashes, and so do kinds that come after all colours are used.
  run.dash = DASHES[(kin.indexOf(run) + Math.floor(run.group / HUES)) % DASHES.length];
  run.place = new Map(run.classes.map((name, place) => [name, place]));
}

/** So many numbers of 0 to count - 1, evenly spread. */
function evenly(count, most) {
  if (count <= most) return [...Array(count).keys()];
  return [...Array(most).keys()].map((k) => Math.round((k * (count - 1)) / (most - 1)));
}

const other = runs.findIndex((run) => run.group !== runs[0].group);

const state = {
  axis: "epoch",
  at: 0, // which of the timeline's stops
  layout: runs.length > 1 ? "rows" : "panels",
  visible: new Set(evenly(runs.length, MOST_RUNS)),
  pair: [0, other > 0 ? other : runs.length - 1],
  side: 0, // of the pair: the run that blinking shows now
  filmed: 0,
  query: "",
  page: 0,
};

const listeners = { moved: [], arranged: [] };

/** Have something done when the moment ("moved") or what is shown of it ("arranged") has changed. */
const when = (event, act) => listeners[event].push(act);
const tell = (event) => listeners[event].forEach((act) => act());

/** The runs that the pictures show. */
function lookedAt() {
  if (state.layout === "blink") return [...new Set(state.pair)].map((number) => runs[number]);
  if (state.layout === "film") return [runs[state.filmed]];
  return runs.filter((run) => state.visible.has(run.number));
}

/** The classes that any of these runs has and the search has found, as numbers. */
function found() {
  const query = state.query.trim().toLowerCase();
  const looked = lookedAt();
  return record.classes
    .map((name, number) => number)
    .filter((number) => looked.some((run) => run.place.has(number)))
    .filter((number) => record.classes[number].toLowerCase().includes(query));
}

/** A run's render of a class in one of its snapshots; null where there is none. */
function renderOf(run, frame, name) {
  const place = run.place.get(name);
  return frame < 0 || place === undefined ? null : run.snapshots[frame].renders[place];
}
