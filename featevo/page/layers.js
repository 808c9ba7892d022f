// How layers settle: for each run in view a heat map of the similarity of each layer to its end.

/** The lowest similarity in tenths: from there to 1 colours change, so that small differences are visible. */
const lowest = (rows) => Math.min(0.9, Math.floor(Math.min(...rows.flat().filter((value) => value !== null)) / 100) / 10);

function layerMap(run) {
  const { layers, epochs, toEnd } = run.layers;
  const low = lowest(toEnd);
  const share = (value) => Math.max(0, (value - low) / (1 - low)); // of a value in 0..1
  return heat({
    title: run.label,
    about: `rows: layers; columns: epochs; light ${low}, dark 1`,
    down: layers,
    across: epochs,
    rows: toEnd,
    column: epochs.indexOf(run.snapshots[shownBy(run).frame]?.label),
    tint: share,
    tell: (layer, epoch, value) => `${layer}, epoch ${epoch}: similarity to the end ${(value / 1000).toFixed(3)}`,
  });
}

function showLayers() {
  const shown = runsInView().filter((run) => run.layers.layers);
  find("layers").hidden = !shown.length;
  if (find("layers").open) find("settled").replaceChildren(...shown.map(layerMap));
}

find("layers").addEventListener("toggle", showLayers);
when("moved", showLayers);
