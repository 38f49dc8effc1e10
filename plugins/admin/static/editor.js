/* Comfort in the editor, which works without it: a live preview, and a word before text is lost. */

const form = document.querySelector("[data-editor]");
const place = document.querySelector("[data-preview]");
const address = form?.querySelector("[data-preview-button]").formAction.split("#")[0];
let timer;
let shown = "";
let changed = document.querySelector(".error-summary") !== null;

if (form) {
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(show, 600);
  });
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  if (form.elements.body.value) show();
}

/* Ask for the same page as the button does, and take the text out of it. */
async function show() {
  const asked = new URLSearchParams(new FormData(form));
  const text = `${asked.get("body")} ${asked.get("markup")}`;
  if (text === shown) return;
  try {
    const answer = await fetch(address, { method: "POST", body: asked });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.querySelector("[data-preview]").childNodes);
    shown = text;
  } catch {
    /* No connection: the text is still here, and the button says what is wrong. */
  }
}
