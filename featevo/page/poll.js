// While training goes on: fetch the page again when it has changed, and renew what is shown.

const SECONDS = 2;
const GONE = "Not live: featevo.watch does not answer. This is what it showed last.";

const standing = (page) => page.getElementById("live").textContent;
const last = { version: document.body.dataset.version, words: standing(document) };

/** Say whether the page is live; only a change, which screen readers say, too. */
function tell(words) {
  if (standing(document) !== words) document.getElementById("live").textContent = words;
}

/** The page if it has changed: {status, text}; without a status where there is no answer. */
async function fetched() {
  try {
    const answer = await fetch("/", { headers: { "If-None-Match": `"${last.version}"` }, cache: "no-store" });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return {};
  }
}

async function poll() {
  const { status, text } = await fetched();
  if (status === 200) {
    const page = new DOMParser().parseFromString(text, "text/html"); // its scripts do not run
    Object.assign(last, { version: page.body.dataset.version, words: standing(page) });
    await renew(page);
  }
  tell(status === 200 || status === 304 ? last.words : GONE);
  setTimeout(poll, 1000 * SECONDS);
}

setTimeout(poll, 1000 * SECONDS);
