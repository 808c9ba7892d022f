// A new record takes the place of the one that is shown: the moment, the choices and the open dialog stay.

/** Replace the words of the page that need no scripts; parts of the record that were unfolded stay so. */
function renewWords(page) {
  document.title = page.title;
  const titles = (of) => [...of.querySelectorAll("#record > details[open] strong")].map((one) => one.textContent);
  const unfolded = new Set(titles(document));
  for (const details of page.querySelectorAll("#record > details")) {
    details.open = unfolded.has(details.querySelector("strong").textContent);
  }
  for (const id of ["about", "record"]) find(id).replaceWith(document.importNode(page.getElementById(id), true));
}

/** The number of a snapshot in the new record; of the last one before it that has something, if it is left out. */
function frameIn(run, snapshot, has = () => true) {
  const exact = run.snapshots.findIndex(({ key }) => key === snapshot.key);
  return exact >= 0 ? exact : run.snapshots.findLastIndex((one) => one.time <= snapshot.time && has(one));
}

/** The snapshot at the current stop. A later one of its epoch moves it in time: the slider follows. */
function anchor() {
  if (state.axis !== "epoch" || !stops.length) return () => {};
  const at = (run) => run.snapshots.find(({ time }) => time === here());
  const run = runsInView().find(at);
  if (!run) return () => {};
  const snapshot = at(run);
  return () => {
    const found = same(run)?.snapshots.find(({ key }) => key === snapshot.key);
    if (found) stops[state.at].value = found.time;
  };
}

/** The choices of runs, which are numbers; new runs are shown while there are few. */
function choices() {
  const before = runs;
  return () => {
    const known = new Set(before.map(({ key }) => key));
    const shown = new Set([...state.visible].map((number) => before[number].key));
    for (const { key } of runs) if (!known.has(key) && shown.size < MOST_RUNS) shown.add(key);
    state.visible = new Set(runs.filter(({ key }) => shown.has(key)).map(({ number }) => number));
    const pair = state.pair.map((number) => same(before[number])?.number);
    state.pair = before.length < 2 || pair.includes(undefined) ? twoRuns() : pair;
    state.filmed = same(before[state.filmed])?.number ?? 0;
  };
}

/** The open image; its dialog closes if the new record does not have it. */
function openImage() {
  if (!large.open) return () => {};
  const [snapshot, name] = [open.run.snapshots[open.frame], record.classes[open.name]];
  return () => {
    const run = same(open.run);
    const frame = run ? frameIn(run, snapshot, ofClasses) : -1;
    Object.assign(open, { run, frame, name: record.classes.indexOf(name) });
    if (frame >= 0 && run.place.has(open.name)) showLarge();
    else large.close();
  };
}

/** The same for an image of another view. */
function openUnitImage() {
  if (!single.open) return () => {};
  const snapshot = opened.run.snapshots[opened.frame];
  return () => {
    const run = same(opened.run);
    const parts = run && partsOf(run).find(([view]) => view.name === opened.parts[0].name);
    const unit = parts?.[0].units.find((one) => numberOf(one) === numberOf(opened.unit));
    const frame = parts ? frameIn(run, snapshot, hasView(parts[0].name)) : -1;
    if (!unit || frame < 0) return single.close();
    Object.assign(opened, { run, parts, unit, frame });
    showUnit();
  };
}

/** What a cell of the gallery shows; of the film, its snapshot, too. */
function identity({ of, name }) {
  const { run, frame } = of();
  return [run.key, record.classes[name], state.layout === "film" ? run.snapshots[frame]?.key : null].join("\n");
}

/** The focus on an element that is made anew, and how far the columns are scrolled. */
function focusAndScroll() {
  const held = document.activeElement;
  const cell = cells.find(({ button }) => button === held);
  const image = cell && identity(cell);
  const box = held.id ? null : held.closest("[id]");
  const places = () => [...find(box.id).querySelectorAll("button, input, summary")];
  const place = box ? places().indexOf(held) : -1;
  const left = find("gallery").querySelector(".matrix")?.scrollLeft;
  return () => {
    const again = cell ? cells.find((one) => identity(one) === image)?.button : place >= 0 ? places()[place] : null;
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    const matrix = find("gallery").querySelector(".matrix");
    if (matrix && left) matrix.scrollLeft = left;
  };
}

/** Decode the sheets of the last snapshots, so that no image is empty for a moment; forget those of no snapshot. */
async function decodeSheets(content) {
  const packed = ({ snapshots }) => snapshots.flatMap((one) => [one, ...Object.values(one.views)]);
  const known = new Set([...content.runs.flatMap(packed), ...(content.real ? [content.real] : [])].flatMap(({ data }) => data));
  for (const data of sheets.keys()) if (!known.has(data)) sheets.delete(data);
  const newest = content.runs.flatMap(({ snapshots }) => packed({ snapshots: snapshots.slice(-1) }));
  const images = newest.flatMap((one) => one.data.flatMap((data, number) => (data ? [sheet(one, number)] : [])));
  await Promise.allSettled(images.map((image) => image.decode()));
}

async function renew(page) {
  const text = page.getElementById("content")?.textContent;
  if (!text) return; // no snapshot any more, or none that can be read: what was shown stays
  const content = JSON.parse(text);
  await decodeSheets(content);
  const [restoreFocus, ...restore] = [focusAndScroll, anchor, choices].map((keep) => keep());
  const reopen = [openImage, openUnitImage].map((keep) => keep());
  renewWords(page);
  take(content);
  restore.forEach((act) => act());
  notify("loaded");
  rearrange();
  reopen.forEach((act) => act());
  restoreFocus();
}
