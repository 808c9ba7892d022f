// The paper's conclusions, tested by a study over seeds: verdicts, effects, and the curves of the runs.

const SIGNS = { supported: "✓", contradicted: "✗", undecided: "?", withdrawn: "–" }; // different also without their colours
const KINDS = { random: "var(--hue-1)", pretrained: "var(--hue-0)", both: "var(--hue-3)" };
const KIND_WORDS = { random: "random weights", pretrained: "pretrained weights", both: "both, runs that overfit" };
const kindColour = (kind) => KINDS[kind] ?? "var(--hue-6)";

const verdict = (word) =>
  make("span", { class: `verdict ${word}` }, make("i", { "aria-hidden": "true" }, SIGNS[word]), word);

const chance = (p) => (p === null ? "–" : p < 0.0001 ? "< 0.0001" : p < 0.1 ? p.toFixed(4) : p.toFixed(2));

/** The position of a value in pixels, from the positions of the first and the last tick. */
function scale(ticks, from, to) {
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  return (value) => from + ((value - first) / (last - first || 1)) * (to - from);
}

const round = (values) => levels(least(values), most(values));

const written = (tick) => String(+tick.toPrecision(6));

/** A dot for every seed, below them their mean with its interval; right of 0 is as claimed. */
function effect({ key, numbers, estimate, verdict: word, unit }) {
  const width = 300;
  const values = numbers.map(([, value]) => value);
  const ends = estimate ? [estimate.mean, estimate.low, estimate.high].filter((value) => value !== null) : [];
  const ticks = round([0, ...values, ...ends]);
  const on = scale(ticks, 12, width - 12);
  const label = `${key}: ${numbers.length} seeds, ${unit}`;
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
    const { mean, low, high } = estimate;
    const mark = make("g", { class: `mean ${word}` });
    if (low !== null && high !== null) mark.append(make("line", { x1: on(low), x2: on(high), y1: 38, y2: 38 }));
    mark.append(make("circle", { r: 5.5, cx: on(mean), cy: 38 }, make("title", {}, `mean ${brief(mean)}`)));
    svg.append(mark);
  }
  return svg;
}

function hypothesis(found) {
  const { estimate, numbers } = found;
  const why = found.withdrawn || found.wants;
  const interval =
    estimate && estimate.low !== null && estimate.high !== null
      ? ` [${brief(estimate.low)}, ${brief(estimate.high)}]`
      : "";
  const fact = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
  return make(
    "section",
    { class: "hypothesis" },
    make(
      "div",
      {},
      make("p", {}, make("strong", {}, `${found.key} `), found.statement),
      make("p", {}, verdict(found.verdict), why ? make("span", { class: "wants" }, ` ${why}`) : null),
    ),
    numbers.length ? effect(found) : make("p", { class: "empty" }, "No numbers yet."),
    make(
      "dl",
      {},
      fact("effect", estimate ? make("strong", {}, brief(estimate.mean)) : "–", `${interval} ${found.unit}`),
      fact("seeds", String(numbers.length)),
      fact("p", estimate ? chance(found.p) : "–"),
      fact("corrected", estimate ? chance(found.corrected) : "–"),
    ),
  );
}

/** The curves of the runs, a line for every seed; `doubling` puts numbers of classes at equal steps. */
function panelChart({ title, x, y, doubling, mark, lines: drawn }) {
  const [width, height, left, bottom] = [300, 170, 40, 34];
  const place = doubling ? (value) => Math.log2(Math.max(1, value)) : (value) => value;
  const points = drawn.flatMap((line) => line.points);
  const places = points.map(([value]) => place(value));
  const across = doubling ? [...new Set(places)].sort((a, b) => a - b) : round(places);
  const margin = doubling ? 24 : 0;
  const along = scale(across, left + margin, width - 8 - margin);
  const on = (value) => along(place(value));
  const heights = round(points.map(([, value]) => value));
  const up = scale(heights, height - bottom, 8);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${y} by ${x}` });
  for (const tick of heights) {
    svg.append(make("line", { class: "level", x1: left, x2: width - 8, y1: up(tick), y2: up(tick) }));
    svg.append(make("text", { x: left - 6, y: up(tick) + 3.5, "text-anchor": "end" }, written(tick)));
  }
  for (const tick of across) {
    const words = written(doubling ? 2 ** tick : tick);
    svg.append(make("text", { x: along(tick), y: height - bottom + 15, "text-anchor": "middle" }, words));
  }
  svg.append(make("text", { x: width - 8, y: height - 4, "text-anchor": "end" }, x));
  for (const line of drawn) {
    const corners = line.points.map(([a, b]) => `${on(a).toFixed(1)},${up(b).toFixed(1)}`).join(" ");
    const group = make("g", { style: `--line: ${kindColour(line.group)}` }, make("title", {}, `seed ${line.seed}`));
    group.append(make("polyline", { points: corners }));
    if (line.points.length < 4) {
      group.append(...line.points.map(([a, b]) => make("circle", { class: "drawn", r: 2.5, cx: on(a), cy: up(b) })));
    }
    svg.append(group);
  }
  svg.append(...drawn.filter((line) => line.mark !== null).map((line) => diamond(on(line.mark), up(heightAt(line)))));
  const caption = make("figcaption", {}, title, make("span", {}, ` ${y}${mark ? `; ◇ ${mark}` : ""}`));
  return make("figure", { class: "panelchart" }, caption, svg);
}

const diamond = (x, y) => make("path", { class: "diamond", d: `M${x} ${y - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z` });

/** A line's height at its mark, between the points around it. */
function heightAt({ points, mark }) {
  const after = points.findIndex(([x]) => x >= mark);
  if (after <= 0) return points[after < 0 ? points.length - 1 : 0][1];
  const [[x0, y0], [x1, y1]] = [points[after - 1], points[after]];
  return y0 + ((mark - x0) / (x1 - x0 || 1)) * (y1 - y0);
}

function claim(found) {
  const kinds = [...new Set(found.panels.flatMap((one) => one.lines.map((line) => line.group)))];
  const key = kinds.map((kind) =>
    make("span", { style: `--line: ${kindColour(kind)}` }, KIND_WORDS[kind] ?? kind),
  );
  const measured = found.hypotheses.map((one) => {
    const more = one.missing.length > 1 ? ` (and ${one.missing.length - 1} more like it)` : "";
    const why = one.missing.length ? make("span", {}, ` Missing: ${one.missing[0]}${more}.`) : null;
    return make("p", {}, make("strong", {}, `${one.key} `), one.operational, why);
  });
  return make(
    "article",
    { class: "claim", id: `claim-${found.key}` },
    make("h3", {}, make("span", {}, `${found.key}. ${found.title}`), verdict(found.verdict)),
    make("blockquote", {}, found.paper),
    ...found.hypotheses.map(hypothesis),
    kinds.length ? make("p", { class: "kinds" }, ...key) : null,
    make("div", { class: "panelcharts" }, ...found.panels.map(panelChart)),
    make(
      "details",
      {},
      make("summary", {}, "How it is measured, and its limits"),
      ...measured,
      make("p", {}, make("strong", {}, "Limits "), found.limits),
    ),
  );
}

function showStudy(study) {
  const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (study.error) return [make("p", { class: "error" }, study.error)];
  const level = study.level === null ? "" : `, with its interval (${percent(study.level)})`;
  const lead = `${many(study.runs, "run")} of ${many(study.seeds, "seed")}. Every dot is a seed, the mark below them `;
  const rest = `their mean${level}; right of 0 is as claimed. `;
  const tests = "p is one-sided, as claimed or, where contradicted, opposite; corrected for all hypotheses.";
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

find("study").hidden = !record.study;
if (record.study) find("study").append(...showStudy(record.study));
