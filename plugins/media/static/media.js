/* Comfort in the editor: drop or paste a picture on the text, and it stands at the cursor. */

const form = document.querySelector("[data-media]")?.closest("form");
const text = form?.elements.body;
const waiting = [];
let ended = -1;

const panel = () => form.querySelector("[data-media]");
const tell = (name) => {
  const place = panel().querySelector("[role=status]");
  place.textContent = place.dataset[name] ?? "";
};

if (form) {
  form.addEventListener("click", (event) => {
    if (!event.target.matches("[data-media-insert]")) return;
    event.preventDefault();
    send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "media_alt") return;
    event.preventDefault();
    send();
  });
  form.addEventListener("change", (event) => {
    if (event.target.id === "media_file") fit();
  });
  form.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  form.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) take(event, event.dataTransfer.files);
  });
  text.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (files.length && !types.includes("text/plain")) take(event, files);
  });
}

/* Put files into the field one after the other, and ask what each shows. */
function take(event, files) {
  event.preventDefault();
  waiting.push(...files);
  next();
}

function next() {
  if (!waiting.length) return false;
  const box = new DataTransfer();
  box.items.add(waiting.shift());
  panel().querySelector("[type=file]").files = box.files;
  panel().querySelector("#media_alt").focus();
  tell(fit() ? "ask" : "askFile");
  return true;
}

/* Ask of a file that is no picture for the text of its link; tell whether it is a picture. */
function fit() {
  const [file] = panel().querySelector("[type=file]").files;
  const isPicture = !file?.type || file.type.startsWith("image/");
  const label = panel().querySelector("label[for=media_alt]");
  label.dataset.picture ??= label.textContent;
  label.textContent = isPicture ? label.dataset.picture : label.dataset.file;
  panel().querySelector("#media-alt-hint").hidden = !isPicture;
  panel().querySelector(".check").hidden = !isPicture;
  return isPicture;
}

/* Put a line where the cursor is: a picture at the end of a line, and what follows another one
   that was put there, begin a paragraph. */
function put(line) {
  const { selectionStart: start, selectionEnd: end, value } = text;
  const isLast = end === value.length || value[end] === "\n";
  const begins = start === ended || (isLast && !/^(\[|<a )/.test(line));
  const isAlone = !start || /\n$/.test(value.slice(0, start));
  const space = begins && !isAlone ? "\n\n" : "";
  text.setRangeText(space + line, start, end, "end");
  ended = text.selectionEnd;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

async function send() {
  tell("wait");
  try {
    const answer = await fetch(panel().dataset.media, { method: "POST", body: new FormData(form) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-media]");
    if (!fresh.dataset.line) return refuse(fresh);
    panel().replaceWith(fresh);
    put(fresh.dataset.line);
    if (next()) return;
    tell("done");
    text.focus();
  } catch {
    tell("lost");
  }
}

/* Say what is wrong, and keep the file and the words that are there. */
function refuse(fresh) {
  for (const id of ["media_file", "media_alt"]) {
    const kept = document.getElementById(id);
    const field = fresh.querySelector(`#${id}`);
    if (id === "media_file") kept.files.length && (field.files = kept.files);
    else field.value = kept.value;
  }
  panel().replaceWith(fresh);
  fit();
  panel().querySelector(panel().querySelector("#media_alt").value ? "#media_file" : "#media_alt").focus();
}
