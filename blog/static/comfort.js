/* Comfort for readers; every page works without it.
   Keeps the unsent comment of each post, and finds comments by their bare address. */

const PREFIX = "draft:";
const SENT = "sent";
const WEEK = 7 * 86_400_000;

const form = document.getElementById("commentform");
const asked = new URLSearchParams(location.search).get("comment");

findComment();
addEventListener("hashchange", findComment);
forgetSent();
forgetOld();
if (form?.elements.comment && form.elements.comment_post_ID) keepDraft(form.elements);

/* Go to the page that holds #comment-N when this one does not:
   a fragment never reaches the server, a query does. */
function findComment() {
  const number = /^#comment-(\d+)$/.exec(location.hash)?.[1];
  if (!number || number === asked || document.getElementById(`comment-${number}`)) return;
  if (!document.getElementById("comments")) return;
  location.replace(`${location.pathname}?comment=${number}${location.hash}`);
}

/* Keep what is typed until it is sent, apart for each comment that it answers. */
function keepDraft({ comment, comment_post_ID: post, comment_parent: parent }) {
  const name = () => `${PREFIX}${post.value}:${parent?.value || 0}`;
  let kept = name();
  let changed = false;
  let timer;

  restore();
  comment.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  });
  addEventListener("pagehide", save);
  form.addEventListener("submit", () => {
    save();
    store("sessionStorage", SENT, { name: kept, from: location.href });
  });
  parent?.addEventListener("change", move);

  function save() {
    clearTimeout(timer);
    if (!changed) return;
    changed = false;
    const text = comment.value;
    store("localStorage", kept, text.trim() ? { text, time: Date.now() } : null);
  }

  /* What the server gave back beside an error is newer than what is kept here. */
  function restore() {
    if (!comment.value) comment.value = recall("localStorage", kept)?.text ?? "";
  }

  /* The form went under another comment: typed text goes along. */
  function move() {
    const typed = comment.value.trim() !== "";
    if (typed) store("localStorage", kept, null);
    kept = name();
    changed = typed;
    if (typed) save();
    else restore();
  }
}

/* Forget a draft once the page that answers shows the comment. */
function forgetSent() {
  const sent = recall("sessionStorage", SENT);
  if (!sent) return;
  store("sessionStorage", SENT, null);
  const arrived = asked && document.getElementById(`comment-${asked}`);
  if (arrived && location.href !== sent.from) store("localStorage", sent.name, null);
}

function forgetOld() {
  for (const name of names("localStorage")) {
    const time = recall("localStorage", name)?.time ?? 0;
    if (Date.now() - time > WEEK) store("localStorage", name, null);
  }
}

/* Storage may be full or forbidden: then nothing is kept, and nothing breaks. */
function store(place, name, value) {
  try {
    if (value === null) window[place].removeItem(name);
    else window[place].setItem(name, JSON.stringify(value));
  } catch {}
}

function recall(place, name) {
  try {
    return JSON.parse(window[place].getItem(name));
  } catch {
    return null;
  }
}

function names(place) {
  try {
    return Object.keys(window[place]).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}
