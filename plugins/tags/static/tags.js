/* Complete names as they are typed, also behind a comma; the list that the page brought works
   without this for the first name. */

for (const list of document.querySelectorAll("datalist[data-complete]")) {
  const line = document.querySelector(`[list="${list.id}"]`);
  let timer;
  line.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => complete(line), 150);
  });
}

async function complete(line) {
  const typed = line.value;
  const start = "one" in line.dataset ? 0 : begin(typed);
  const word = typed.slice(start).trim().replace(/^"/, "");
  try {
    const answer = await fetch(`${line.list.dataset.complete}?q=${encodeURIComponent(word)}`);
    if (!answer.ok || line.value !== typed) return;
    const names = await answer.json();
    const options = names.map((name) => {
      const option = document.createElement("option");
      option.value = `${typed.slice(0, start)}${start ? " " : ""}${name}`;
      return option;
    });
    line.list.replaceChildren(...options);
  } catch {
    /* No connection: what is there can still be typed. */
  }
}

/* Find where the last name begins: behind the last comma outside of quotes. */
function begin(text) {
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '"') quoted = !quoted;
    if (text[index] === "," && !quoted) start = index + 1;
  }
  return start;
}
