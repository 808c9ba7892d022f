// The list of runs: the legend of the curves, and the choice of the runs that are shown.

function layChips() {
  const chips = runs.map((run) => {
    const box = make("input", { type: "checkbox", checked: state.visible.has(run.number) });
    box.addEventListener("change", () => {
      state.visible[box.checked ? "add" : "delete"](run.number);
      state.visible = new Set([...state.visible].sort((a, b) => a - b));
      rearrange();
    });
    const chip = make("label", { class: "chip" }, box, swatch(run), make("span", {}, run.label));
    chip.addEventListener("pointerenter", () => dim(run.number));
    chip.addEventListener("pointerleave", () => dim(null));
    return chip;
  });
  find("chips").replaceChildren(...chips);
}

/** While the pointer is on a run, the curves of the others are dimmed. */
function dim(number) {
  for (const group of document.querySelectorAll("#charts [data-run]")) {
    group.classList.toggle("dim", number !== null && Number(group.dataset.run) !== number);
  }
}

function showAll(on) {
  state.visible = new Set(on ? runs.keys() : []);
  layChips();
  rearrange();
}

find("all").addEventListener("click", () => showAll(true));
find("none").addEventListener("click", () => showAll(false));
when("loaded", () => {
  find("runs").hidden = runs.length < 2;
  layChips();
});
