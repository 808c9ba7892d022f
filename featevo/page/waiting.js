// The page of runs without a snapshot has nothing to keep.

async function renew(page) {
  if (page.getElementById("content")) location.reload();
}
