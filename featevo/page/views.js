// Images of other views than the classes, of a chosen run: a row for each group, such as a layer or a method.

/** Views whose image of a unit is shown under that of the same unit of another view. */
const UNDER = { channels: "exemplars" };

const viewed = { run: undefined, blocks: [], closed: new Set() }; // closed: names of views

const hasView = (name) => (snapshot) => name in snapshot.views;
const numberOf = ([number]) => number;

/** The views that get a part of the page, each with the one under it if that has no further units. */
function partsOf(run) {
  const known = new Map(run.views.map((view) => [view.name, view]));
  const fits = (upper, under) => {
    const numbers = new Set(upper.units.map(numberOf));
    return under.units.every((unit) => numbers.has(numberOf(unit)));
  };
  const under = (view) => {
    const found = known.get(UNDER[view.name]);
    return found && fits(view, found) ? [found] : [];
  };
  const below = new Set(run.views.flatMap(under));
  return run.views.filter((view) => !below.has(view)).map((view) => [view, ...under(view)]);
}

/** What a unit's image of a view shows: {snapshot, place}, place -1 if the view has no such unit; null: nothing yet. */
function pictureOf(run, view, frame, unit) {
  if (frame < 0) return null;
  return { snapshot: run.snapshots[frame], place: view.units.findIndex((one) => numberOf(one) === numberOf(unit)) };
}

/** Copy a unit's image to a canvas; returns its size, null if there is none. */
function drawUnit(canvas, run, view, frame, unit) {
  const found = pictureOf(run, view, frame, unit);
  const shown = found?.snapshot.views[view.name];
  const size = shown?.sizes[found.place] || null;
  canvas.wanted = `${view.name}/${frame}/${numberOf(unit)}`;
  if (!size) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    return null;
  }
  const { wanted } = canvas;
  const image = sheet(shown, Math.floor(found.place / record.perSheet));
  const place = found.place % record.perSheet;
  const [wide, high] = shown.cell.map((side) => side + 2 * record.rim);
  whenReady(image, () => {
    if (canvas.wanted !== wanted) return;
    const left = (place % record.columns) * wide + record.rim;
    const top = Math.floor(place / record.columns) * high + record.rim;
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    canvas.getContext("2d").drawImage(image, left, top, ...size, 0, 0, ...size);
  });
  return size;
}

/** The numbers of a unit's image by name. */
function numbersOf(run, view, frame, unit) {
  const found = pictureOf(run, view, frame, unit);
  return found?.snapshot.views[view.name]?.numbers[found.place] ?? {};
}

const numberWords = ([name, value]) => `${inWords(name)} ${brief(value)}`;

/** The moment of a view; one that the current snapshot does not have is that of an earlier one. */
function viewMoment(run, view) {
  const { frame, reached } = shownBy(run, hasView(view.name));
  const now = shownBy(run);
  const words = moment({ run, frame, reached }, hasView(view.name));
  const older = frame >= 0 && now.frame > frame;
  return { frame, words: older ? `${words} (not drawn at epoch ${run.snapshots[now.frame].label})` : words };
}

const wholeName = ([, group, name]) => [group, name].filter(Boolean).join(" ");

/** One unit: its images below each other, its name and its first numbers. */
function unitCell(run, parts, unit) {
  const canvases = parts.map(() => make("canvas", { role: "img", width: 1, height: 1 }));
  const button = make("button", { type: "button", class: "image" }, ...canvases);
  const numbers = make("span", { class: "number" });
  const caption = make("figcaption", {}, make("span", { class: "class" }, unit[2]), numbers);
  button.addEventListener("click", () => openUnit(run, parts, unit));
  const update = (frames) => {
    for (const [k, view] of parts.entries()) {
      const size = drawUnit(canvases[k], run, view, frames[k], unit);
      const what = size ? "Image of" : frames[k] < 0 ? "No image yet of" : "No image of";
      canvases[k].setAttribute("aria-label", `${what} ${wholeName(unit)}, ${view.name}, ${run.label}`);
      canvases[k].classList.toggle("missing", !size && frames[k] >= 0);
    }
    const known = Object.entries(numbersOf(run, parts[0], frames[0], unit));
    numbers.textContent = known.slice(0, 2).map(numberWords).join(", ");
  };
  return { element: make("figure", { class: "unit" }, button, caption), update };
}

/** One view: its name, its moment, its units by group. */
function viewBlock(run, parts) {
  const groups = new Map();
  const [view] = parts;
  for (const unit of view.units) groups.set(unit[1], [...(groups.get(unit[1]) ?? []), unit]);
  const cells = [];
  const rows = [...groups].map(([group, units]) => {
    const own = units.map((unit) => unitCell(run, parts, unit));
    cells.push(...own);
    const heading = group ? make("div", { class: "rowname" }, group) : null;
    const images = make("div", { class: "units" }, ...own.map(({ element }) => element));
    return make("div", { class: group ? "unitrow" : "unitrow alone" }, heading, images);
  });
  const words = make("span");
  const title = make("summary", {}, make("strong", {}, parts.map(({ name }) => name).join(" and ")), " ", words);
  const element = make("details", { class: "view", open: !viewed.closed.has(view.name) }, title, ...rows);
  const update = () => {
    const moments = parts.map((one) => viewMoment(run, one));
    const under = moments[1] && moments[1].words !== moments[0].words ? `; ${parts[1].name}: ${moments[1].words}` : "";
    words.textContent = moments[0].words + under;
    if (element.open) for (const one of cells) one.update(moments.map(({ frame }) => frame));
  };
  element.addEventListener("toggle", () => {
    viewed.closed[element.open ? "delete" : "add"](view.name);
    update();
  });
  return { element, update };
}

function layViews() {
  viewed.blocks = viewed.run ? partsOf(viewed.run).map((parts) => viewBlock(viewed.run, parts)) : [];
  find("views").replaceChildren(...viewed.blocks.map(({ element }) => element));
}

const showViews = () => viewed.blocks.forEach(({ update }) => update());

find("viewed").addEventListener("change", (event) => {
  viewed.run = runs[event.target.value];
  layViews();
  showViews();
});
when("loaded", () => {
  const withViews = runs.filter((run) => run.views.length);
  viewed.run = same(viewed.run) ?? withViews[0];
  find("others").hidden = !withViews.length;
  find("gallery").hidden = ofViewsAlone();
  const above = ofViewsAlone() ? find("gallery") : document.querySelector(".figure");
  if (above.nextElementSibling !== find("others")) above.after(find("others")); // a move would take the focus from it
  offer("viewed", withViews, viewed.run);
  find("viewed").hidden = withViews.length < 2;
  layViews();
});
when("moved", showViews);
