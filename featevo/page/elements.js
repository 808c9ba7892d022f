// Elements of the page; the content of a record becomes text, never markup.

const SVG = new Set(["svg", "g", "line", "polyline", "circle", "path", "text", "title", "rect"]);

/** An element with attributes (null and false are left out) and children (elements or plain text). */
function make(tag, attributes = {}, ...children) {
  const space = SVG.has(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const find = (id) => document.getElementById(id);

/** A fraction in per cent with one decimal, as in the record: 64.0 %. */
const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;

/** A number with few digits: 0.053, 1.25, 12.3, 1250. */
function brief(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100000)) return value.toExponential(1);
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** The title of a measure; of one without a title, its name: beauty/of_edges becomes "beauty · of edges". */
const inWords = (name) => record.words[name]?.title ?? name.replace("/", " · ").replaceAll("_", " ");

/** What a measure is, in a sentence; null where there is none. */
const meaning = (name) => record.words[name]?.sentence ?? null;

/** Enable or disable a button; a disabled one keeps the focus, and with it the keys. */
const enable = (id, on) => find(id).setAttribute("aria-disabled", String(!on));

/** Fill a list of runs, with one of them selected. */
function offer(id, among, selected) {
  const option = (run) => make("option", { value: run.number, selected: run === selected }, run.label);
  find(id).replaceChildren(...among.map(option));
}

/** Radio buttons of a group: the chosen value, and a function to call when it changes. */
const chosen = (group) => find(group).querySelector("input:checked").value;
const onChoice = (group, act) => find(group).addEventListener("change", () => act(chosen(group)));
