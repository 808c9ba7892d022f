// The measures of a class's render, in its large view.

const WIDEST = 3; // columns of numbers that fit on a phone

/** The measures of a class's render beside the mean over the other classes, and beside controls where there are any. */
function measured(run, frame, name) {
  const own = renderOf(run, frame, name).measures;
  const others = run.classes
    .filter((other) => other !== name)
    .map((other) => renderOf(run, frame, other)?.measures ?? {});
  if (!Object.keys(own).length) return "";
  const controls = [...new Set(Object.keys(own).flatMap((measure) => Object.keys(run.controls[measure] ?? {})))];
  const columns = ["this", "others", ...controls];
  const rows = Object.keys(own).map((measure) => {
    const values = others.map((measures) => measures[measure]).filter((value) => value !== undefined);
    const mean = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
    return { measure, values: [own[measure], mean, ...controls.map((control) => run.controls[measure]?.[control])] };
  });
  return columns.length > WIDEST ? blocks(columns, rows) : table(columns, rows);
}

function table(columns, rows) {
  const heading = make("tr", {}, ...["Measure", ...columns].map((word) => make("th", {}, word)));
  const line = ({ measure, values }) => {
    const cells = values.map((value) => make("td", {}, brief(value)));
    return make("tr", {}, make("th", { title: meaning(measure) }, inWords(measure)), ...cells);
  };
  return make("div", { class: "wide" }, make("table", { class: "measures" }, heading, ...rows.map(line)));
}

/** A block per measure, with a name over each number; what the measure does not have is left out. */
function blocks(columns, rows) {
  const known = (value) => value !== undefined && value !== null;
  const number = (value, k) => make("span", {}, make("span", { class: "number" }, columns[k], " "), brief(value));
  const block = ({ measure, values }) => {
    const numbers = values.map((value, k) => (known(value) ? number(value, k) : null));
    const title = make("strong", { title: meaning(measure) }, inWords(measure));
    return make("div", { class: "measure" }, title, make("div", {}, ...numbers));
  };
  return make("figure", { class: "measures" }, make("figcaption", {}, "Measures"), ...rows.map(block));
}

/** The three classes of the snapshot whose measures, each in units of its spread, are nearest. */
function nearest(run, frame, name) {
  const all = run.classes.map((other) => ({ other, measures: renderOf(run, frame, other)?.measures ?? {} }));
  const own = renderOf(run, frame, name).measures;
  const shared = Object.keys(own).filter((measure) => all.every(({ measures }) => measure in measures));
  if (shared.length < 2 || all.length < 3) return "";
  const spread = (measure) => {
    const values = all.map(({ measures }) => measures[measure]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
  };
  const units = shared.map(spread);
  const away = (measures) => Math.hypot(...shared.map((measure, k) => (measures[measure] - own[measure]) / units[k]));
  const near = all.filter(({ other }) => other !== name).sort((a, b) => away(a.measures) - away(b.measures));
  const label = ({ other, measures }) => `${record.classes[other]} (${away(measures).toFixed(1)})`;
  const names = near.slice(0, 3).map(label).join(", ");
  const unit = make("span", {}, " (distance in standard deviations)");
  return make("p", { class: "nearest" }, make("strong", {}, "Nearest by its measures "), names, unit);
}
