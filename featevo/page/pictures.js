// Copy images from their sheets to canvases.

const sheets = new Map(); // images by their data: the browser decodes each once

function sheet({ data }, number) {
  if (!sheets.has(data[number])) {
    const image = new Image();
    image.src = `data:image/webp;base64,${data[number]}`;
    sheets.set(data[number], image);
  }
  return sheets.get(data[number]);
}

function whenReady(image, act) {
  if (image.complete && image.naturalWidth) act();
  else image.decode().then(act);
}

/** Where an image is: the picture of its sheet, its side, and its left upper corner there. */
function onSheet(sheets, number) {
  const stride = sheets.side + 2 * record.rim;
  const place = number % record.perSheet;
  return {
    image: sheet(sheets, Math.floor(number / record.perSheet)),
    side: sheets.side,
    left: (place % record.columns) * stride + record.rim,
    top: Math.floor(place / record.columns) * stride + record.rim,
  };
}

/** Where the image of a class in a snapshot of a run is; null without one. */
function locate(run, frame, name) {
  return renderOf(run, frame, name)?.seen ? onSheet(run.snapshots[frame], run.place.get(name)) : null;
}

/**
 * Show the image of a class in a snapshot of a run; the old image stays until the new one is ready.
 * Returns whether there is an image; without one the canvas is empty.
 */
function draw(canvas, run, frame, name) {
  const found = locate(run, frame, name);
  const wanted = (canvas.wanted = `${run.number}/${frame}/${name}`);
  if (!found) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    return false;
  }
  whenReady(found.image, () => {
    if (canvas.wanted === wanted) copy(canvas, found);
  });
  return true;
}

function copy(canvas, found) {
  const { side } = found;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, side, side); // the new image may be transparent where the old one is not
  put(context, found, side);
}

const put = (context, { image, side, left, top }, size) => context.drawImage(image, left, top, side, side, 0, 0, size, size);

/** A description of an image, for screen readers. */
function describe(run, frame, name) {
  const where = `${record.classes[name]}, ${run.label}`;
  if (!run.place.has(name)) return `No class of this run: ${where}`;
  if (frame < 0) return `No image yet of ${where}`;
  const snapshot = run.snapshots[frame];
  const what = renderOf(run, frame, name)?.seen ? "Render of" : "No image of";
  return `${what} ${where}, epoch ${snapshot.label}, ${snapshot.caption}`;
}
