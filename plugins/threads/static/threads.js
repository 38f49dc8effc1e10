/* Reply in place: the form moves under the comment that it answers.
   Without this the same links open the page with the form set up by the server. */

const respond = document.getElementById("respond");
const parent = respond?.querySelector("[name=comment_parent]");
const text = respond?.querySelector("textarea");
const title = document.getElementById("reply-title");
const cancel = document.getElementById("cancel-comment-reply-link");

if (parent && text && title && cancel) replyInPlace();

function replyInPlace() {
  const home = document.createComment("respond");
  const words = [...title.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
  const usual = title.dataset.usual ?? (answering() ? "" : words.data.trim());
  let link = null;

  respond.before(home);
  cancel.hidden = !answering();
  document.addEventListener("click", (event) => {
    const clicked = event.target.closest?.("a.comment-reply-link, #cancel-comment-reply-link");
    if (!clicked || event.defaultPrevented || opensElsewhere(event)) return;
    if (clicked === cancel ? goHome() : goUnder(clicked)) event.preventDefault();
  });
  respond.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && answering() && !event.isComposing) goHome();
  });

  function goUnder(reply) {
    const { commentid, belowelement, replyto } = reply.dataset;
    const comment = document.getElementById(belowelement);
    if (!comment) return false;
    link = reply;
    move(() => comment.after(respond), commentid, replyto || usual);
    text.focus();
    return true;
  }

  /* Unless its usual title is known, a page made for one reply is left by its link. */
  function goHome() {
    if (!usual) return false;
    move(() => home.after(respond), "0", usual);
    (link ?? text).focus();
    link = null;
    return true;
  }

  /* What is typed and chosen stays: the form is moved, never rebuilt. */
  function move(place, answered, heading) {
    place();
    parent.value = answered;
    words.data = `${heading} `;
    cancel.hidden = !answering();
    parent.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function answering() {
    return Number(parent.value) > 0;
  }
}

function opensElsewhere(event) {
  return event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
}
