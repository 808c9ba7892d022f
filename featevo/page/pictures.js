// Copy images from their sheets to canvases.

const sheets = new Map(); // images by owner and number: the browser decodes each once

function sheet(owner, { data }, number) {
  const key = `${owner}/${number}`;
  if (!sheets.has(key)) {
    const image = new Image();
    image.src = `data:image/webp;base64,${data[number]}`;
    sheets.set(key, image);
  }
  return sheets.get(key);
}

function whenReady(image, act) {
  if (image.complete && image.naturalWidth) act();
  else image.decode().then(act);
}

/**
 * Show the image of a class in a snapshot of a run; the old image stays until the new one is ready.
 * Returns whether there is an image; without one the canvas is empty.
 */
function draw(canvas, run, frame, name) {
  const render = renderOf(run, frame, name);
  canvas.wanted = `${run.number}/${frame}/${name}`;
  if (!render || !render.seen) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    return false;
  }
  const wanted = canvas.wanted;
  const place = run.place.get(name);
  const snapshot = run.snapshots[frame];
  const image = sheet(`${run.number}/${frame}`, snapshot, Math.floor(place / record.perSheet));
  whenReady(image, () => {
    if (canvas.wanted === wanted) copy(canvas, image, snapshot, place % record.perSheet);
  });
  return true;
}

function copy(canvas, image, { side }, place) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const stride = side + 2 * record.rim;
  const left = (place % record.columns) * stride + record.rim;
  const top = Math.floor(place / record.columns) * stride + record.rim;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, side, side); // the new image may be transparent where the old one is not
  context.drawImage(image, left, top, side, side, 0, 0, side, side);
}

/** A description of an image, for screen readers. */
function describe(run, frame, name) {
  const where = `${record.classes[name]}, ${run.label}`;
  if (!run.place.has(name)) return `No class of this run: ${where}`;
  if (frame < 0) return `No image yet of ${where}`;
  const snapshot = run.snapshots[frame];
  const what = renderOf(run, frame, name)?.seen ? "Render of" : "No image of";
  return `${what} ${where}, epoch ${snapshot.label}, ${snapshot.caption}`;
}
