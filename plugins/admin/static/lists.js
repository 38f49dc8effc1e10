/* Comfort in lists; every one works without it.
   Ticks all lines at once, counts them, and moderates from the keyboard. */

const OFF = "admin:shortcuts-off";
const list = document.querySelector("[data-list]");
const dialog = document.querySelector("dialog.shortcuts");
const boxes = [...(list?.querySelectorAll("[name=ids]") ?? [])];

if (list) tickTogether();
if (dialog) useKeys();

function tickTogether() {
  const count = list.querySelector(".bulk-count");
  const words = count.textContent.trim();
  const head = list.querySelector("th.check-column");
  const label = document.createElement("label");
  const all = document.createElement("input");
  all.type = "checkbox";
  label.append(...head.childNodes, all);
  head.replaceChildren(label);
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  list.addEventListener("change", tell);
  tell();

  function tell() {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    count.textContent = ticked ? `${words} ${ticked}` : words;
  }
}

function useKeys() {
  const on = document.getElementById("shortcuts-on");
  const opener = document.querySelector("[data-shortcuts]");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  on.checked = recall() === null;
  on.addEventListener("change", () => remember(on.checked ? null : "yes"));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    if (event.key === "?") return dialog.showModal();
    if (on.checked && press(event.key)) event.preventDefault();
  });
}

function press(key) {
  const here = boxes.findIndex((box) => box.closest("tr").contains(document.activeElement));
  const act = { a: "approve", h: "hold", s: "spam", t: "trash" }[key];
  if (key === "j" || key === "k") {
    const next = boxes[Math.min(Math.max(here + (key === "j" ? 1 : -1), 0), boxes.length - 1)];
    next?.focus();
    next?.closest("tr").scrollIntoView({ block: "nearest" });
    return true;
  }
  if (key === "z") return click(document.querySelector('[data-key="z"]'));
  if (here < 0) return false;
  if (key === "x") return click(boxes[here]);
  return act ? click(boxes[here].closest("tr").querySelector(`[data-do="${act}"]`)) : false;
}

function click(button) {
  button?.click();
  return Boolean(button);
}

/* Storage may be forbidden: then the keys are on. */
function recall() {
  try {
    return localStorage.getItem(OFF);
  } catch {
    return null;
  }
}

function remember(value) {
  try {
    if (value === null) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, value);
  } catch {}
}
