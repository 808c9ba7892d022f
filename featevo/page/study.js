// The paper's conclusions, tested by a study over seeds: verdicts, effects, and the curves of the runs.

const SIGNS = { supported: "✓", contradicted: "✗", undecided: "?", withdrawn: "–", "no verdict": "–" }; // also without their colours
const ARMS = { eight: 1, two: 2, two_more: 3, pretrained: 0, overfit: 4, augmented: 5 };
const TWIN = "_shuffled";
const armColour = (arm) => `var(--hue-${ARMS[arm.replace(TWIN, "")] ?? 6})`;

const verdict = (word) =>
  make("span", { class: `verdict ${word.replace(" ", "-")}` }, make("i", { "aria-hidden": "true" }, SIGNS[word]), word);

const chance = (p) => (p === null ? "–" : p < 0.0001 ? "< 0.0001" : p < 0.1 ? p.toFixed(4) : p.toFixed(2));

/** The position of a value in pixels, from the positions of the first and the last tick. */
function scale(ticks, from, to) {
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  return (value) => from + ((value - first) / (last - first || 1)) * (to - from);
}

const round = (values) => levels(least(values), most(values));

const written = (tick) => String(+tick.toPrecision(6));

/** A dot for every seed, below them their median with its interval; right of 0 is as claimed. */
function effect({ numbers, estimate }, label, word) {
  const width = 300;
  const values = numbers.map(([, value]) => value);
  const ends = estimate ? [estimate.median, estimate.low, estimate.high].filter((value) => value !== null) : [];
  const ticks = round([0, ...values, ...ends]);
  const on = scale(ticks, 12, width - 12);
  const svg = make("svg", { viewBox: `0 0 ${width} 66`, role: "img", "aria-label": label });
  for (const tick of ticks) {
    const zero = Math.abs(tick) < 1e-9;
    svg.append(make("line", { class: zero ? "zero" : "level", x1: on(tick), x2: on(tick), y1: 2, y2: 50 }));
    svg.append(make("text", { x: on(tick), y: 63, "text-anchor": "middle" }, zero ? "0" : written(tick)));
  }
  for (const [place, [seed, value]] of numbers.entries()) {
    const look = { class: "seed", r: 3.2, cx: on(value), cy: 8 + 6 * (place % 3) }; // so that equal values do not overlap
    svg.append(make("circle", look, make("title", {}, `seed ${seed}: ${brief(value)}`)));
  }
  if (estimate) {
    const { median, low, high } = estimate;
    const mark = make("g", { class: `middle ${word.replace(" ", "-")}` });
    if (low !== null && high !== null) mark.append(make("line", { x1: on(low), x2: on(high), y1: 38, y2: 38 }));
    mark.append(make("circle", { r: 5.5, cx: on(median), cy: 38 }, make("title", {}, `median ${brief(median)}`)));
    svg.append(mark);
  }
  return svg;
}

/** One row: the hypothesis with its numbers, or its control. */
function row(words, found, unit, label, word) {
  const { estimate, numbers } = found;
  const interval =
    estimate && estimate.low !== null && estimate.high !== null
      ? ` [${brief(estimate.low)}, ${brief(estimate.high)}]`
      : "";
  const fact = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
  return make(
    "section",
    { class: "hypothesis" },
    make("div", {}, ...words),
    numbers.length ? effect(found, label, word) : make("p", { class: "empty" }, "No numbers yet."),
    make(
      "dl",
      {},
      fact("median", estimate ? make("strong", {}, brief(estimate.median)) : "–", `${interval} ${unit}`),
      fact("seeds", String(numbers.length)),
      fact("p", estimate ? chance(found.p) : "–"),
      fact("corrected", estimate ? chance(found.corrected) : "–"),
    ),
  );
}

/** The curves of the runs, a line for every run, those of twins dashed; and the levels of known images. */
function panelChart({ title, x, y, levels: heights, lines: drawn }) {
  const [width, height, left, bottom] = [300, 170, 40, 34];
  const points = drawn.flatMap((line) => line.points);
  const across = round(points.map(([value]) => value));
  const on = scale(across, left, width - 8);
  const marks = round([...points.map(([, value]) => value), ...heights.map(([, value]) => value)]);
  const up = scale(marks, height - bottom, 8);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${y} by ${x}` });
  for (const tick of marks) {
    svg.append(make("line", { class: "level", x1: left, x2: width - 8, y1: up(tick), y2: up(tick) }));
    svg.append(make("text", { x: left - 6, y: up(tick) + 3.5, "text-anchor": "end" }, written(tick)));
  }
  for (const tick of across) {
    svg.append(make("text", { x: on(tick), y: height - bottom + 15, "text-anchor": "middle" }, written(tick)));
  }
  svg.append(make("text", { x: width - 8, y: height - 4, "text-anchor": "end" }, x));
  for (const [name, value] of heights) {
    const line = make("line", { class: "known", x1: left, x2: width - 8, y1: up(value), y2: up(value) });
    line.append(make("title", {}, `${name}: ${brief(value)}`));
    svg.append(line);
  }
  for (const line of drawn) {
    const corners = line.points.map(([a, b]) => `${on(a).toFixed(1)},${up(b).toFixed(1)}`).join(" ");
    const group = make("g", { style: `--line: ${armColour(line.group)}` });
    group.append(make("title", {}, `${line.group.replaceAll("_", " ")}, seed ${line.seed}`));
    group.append(make("polyline", { class: line.group.endsWith(TWIN) ? "twin" : "", points: corners }));
    if (line.points.length < 4) {
      group.append(...line.points.map(([a, b]) => make("circle", { class: "drawn", r: 2.5, cx: on(a), cy: up(b) })));
    }
    svg.append(group);
  }
  const known = heights.length ? `; levels: ${heights.map(([name, value]) => `${name} ${brief(value)}`).join(", ")}` : "";
  const caption = make("figcaption", {}, title, make("span", {}, ` ${y}${known}`));
  return make("figure", { class: "panelchart" }, caption, svg);
}

function claim(found) {
  const arms = [...new Set(found.panels.flatMap((one) => one.lines.map((line) => line.group)))];
  const key = arms.map((arm) =>
    make("span", { class: arm.endsWith(TWIN) ? "twin" : "", style: `--line: ${armColour(arm)}` }, arm.replaceAll("_", " ")),
  );
  const name = `${found.key}. ${found.title} (${found.data})`;
  const missing = ({ missing: reasons }) => {
    const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more like it)` : "";
    return reasons.length ? make("span", {}, ` Missing: ${reasons[0]}${more}.`) : null;
  };
  const beside = Object.entries(found.beside).filter(([, median]) => median !== null);
  const others = beside.map(([what, median]) => `${what} ${brief(median)}`).join(", ");
  const seeds = ({ numbers }) => `${numbers.length} seeds, ${found.unit}`;
  const why = found.why ? make("p", { class: "wants" }, found.why) : null;
  const stated = [make("p", {}, found.statement), ...(why ? [why] : [])];
  const control = [make("p", { class: "wants" }, `Control: ${found.control.operational}`)];
  return make(
    "article",
    { class: "claim", id: `claim-${found.data}-${found.key}` },
    make("h3", {}, make("span", {}, name), verdict(found.verdict)),
    make("blockquote", {}, found.paper),
    row(stated, found.hypothesis, found.unit, `${name}: ${seeds(found.hypothesis)}`, found.verdict),
    row(control, found.control, found.unit, `Control of ${name}: ${seeds(found.control)}`, "control"),
    arms.length ? make("p", { class: "kinds" }, ...key) : null,
    make("div", { class: "panelcharts" }, ...found.panels.map(panelChart)),
    make(
      "details",
      {},
      make("summary", {}, "How it is measured, and its limits"),
      make("p", {}, found.operational, missing(found.hypothesis)),
      make("p", {}, make("strong", {}, "Control "), found.control.operational, missing(found.control)),
      others ? make("p", {}, make("strong", {}, "Medians beside it "), others) : null,
      make("p", {}, make("strong", {}, "Limits "), found.limits),
    ),
  );
}

function showStudy(study) {
  const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (study.error) return [make("p", { class: "error" }, study.error)];
  const level = study.level === null ? "" : `, with its interval (${+(100 * study.level).toFixed(1)} %)`;
  const lead = `${many(study.runs, "run")} of ${many(study.seeds, "seed")}. Every dot is a seed, the mark below them `;
  const rest = `their median${level}; right of 0 is as claimed. `;
  const tests = "p is one-sided, as claimed or, where contradicted, opposite; corrected for all hypotheses on a data set. Controls are runs with shuffled labels.";
  const left = study.leftOut.length
    ? make(
        "details",
        {},
        make("summary", {}, `${many(study.leftOut.length, "run")} left out`),
        ...study.leftOut.map((line) => make("p", {}, line)),
      )
    : null;
  return [make("p", { class: "note" }, lead + rest + tests), ...study.claims.map(claim), ...(left ? [left] : [])];
}

when("loaded", () => {
  const [heading] = find("study").children;
  find("study").hidden = !record.study;
  find("study").replaceChildren(heading, ...(record.study ? showStudy(record.study) : []));
});
