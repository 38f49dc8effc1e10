/* Show the share buttons that need a script: share sheet, copy, print. */

for (const row of document.querySelectorAll(".share")) {
  const said = row.querySelector(".share-said");
  reveal(".share-native", "share" in navigator, share);
  reveal(".share-copy", true, (button) => copy(button, said));
  reveal(".share-print", "print" in window, () => print());

  function reveal(name, possible, act) {
    const button = row.querySelector(name);
    if (!button || !possible) return;
    button.closest("[hidden]")?.removeAttribute("hidden");
    button.addEventListener("click", () => act(button));
  }
}

async function share({ dataset: { title, url } }) {
  try {
    await navigator.share({ title, url });
  } catch (error) {
    /* The reader closed the sheet, or nothing here takes the link: say nothing. */
    if (error.name !== "AbortError") console.info(error);
  }
}

async function copy({ dataset: { url, done, failed } }, said) {
  const copied = await copyText(url);
  if (said) said.textContent = copied ? done : failed;
}

/* The clipboard needs HTTPS; the older command does without. */
async function copyText(value) {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return copyThroughSelection(value);
  }
}

function copyThroughSelection(value) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "screen-reader-text";
  field.value = value;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return copied;
}
