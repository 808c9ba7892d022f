// All other clicks and keys, and the start of the page.

const MEANING = {
  epoch: "Each run shows its latest snapshot up to this epoch.",
  accuracy:
    "Each run shows its first snapshot at this validation accuracy or above; a run that stays below shows its best.",
};

onChoice("layout", (layout) => {
  state.layout = layout;
  pause();
  rearrange();
});

find("search").addEventListener("input", (event) => {
  Object.assign(state, { query: event.target.value, page: 0 });
  rearrange();
});
for (const [id, by] of [["earlier", -1], ["later", 1]]) {
  find(id).addEventListener("click", () => {
    state.page += by;
    rearrange();
  });
}

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // outside it
}
find("help").addEventListener("click", () => find("keys").showModal());

find("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const now = root.style.colorScheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.style.colorScheme = now === "dark" ? "light" : "dark";
});

const KEYS = {
  " ": play,
  ArrowLeft: () => steer(state.at - 1),
  ArrowRight: () => steer(state.at + 1),
  Home: () => steer(0),
  End: () => steer(stops.length - 1),
  b: blinkKey,
  "?": () => find("keys").showModal(),
};

/** The slider's stops are uneven, so the browser's equal steps would miss them. */
const SLIDER_KEYS = {
  ArrowUp: () => steer(state.at + 1),
  ArrowDown: () => steer(state.at - 1),
  PageUp: () => steer(state.at + 1),
  PageDown: () => steer(state.at - 1),
};

document.addEventListener("keydown", (event) => {
  const { target } = event;
  const act = KEYS[event.key] ?? (target.matches("#slider") ? SLIDER_KEYS[event.key] : undefined);
  if (!act || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (target.matches("select, [type=search]")) return;
  // An element in focus keeps its keys: arrows choose a radio button, space presses; but an image opens only by Enter.
  if (event.key.startsWith("Arrow") && target.matches("[type=radio]")) return;
  if (/^(Arrow|Home|End)/.test(event.key) && target.matches("#edge")) return;
  if (event.key === " " && target.matches("button:not(.image), summary, [type=radio], [type=checkbox]")) return;
  event.preventDefault();
  act();
});

when("arranged", () => {
  find("layout").hidden = ofViewsAlone(); // layouts of classes
  find("pair").hidden = state.layout !== "blink";
  find("one").hidden = state.layout !== "film" || runs.length < 2;
  find("finder").hidden = record.classes.length <= 12;
  find("runs").classList.toggle("idle", state.layout === "blink" || state.layout === "film");
});
when("moved", () => {
  find("meaning").textContent = MEANING[state.axis];
});

when("loaded", () => {
  const measured = runs.some((run) => run.snapshots.some((snapshot) => snapshot.accuracy !== null));
  find("axis").querySelector("[value=accuracy]").disabled = !measured;
  find("layout").querySelector("[value=blink]").disabled = runs.length < 2 || ofViewsAlone();
  find("layout").querySelector(`[value=${state.layout}]`).checked = true;
});
new ResizeObserver(([entry]) => {
  document.documentElement.style.setProperty("--bar", `${entry.target.offsetHeight}px`);
}).observe(document.querySelector(".bar"));

document.querySelector("main").hidden = false;
notify("loaded");
rearrange();
