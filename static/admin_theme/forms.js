// Guards what was typed: asks before a changed form is left, and sends it once. Keeps
// the forms' token that of the session, which changes by signing in again. Names
// the search boxes of Django's autocomplete, which its own script leaves without, and
// says of the icons of its double lists that they are pictures. After a refused save
// it goes to the first wrong field. In lists it tells each cell the head of its column,
// which theme.css shows where rows become cards.
// Needs: the admin's change form or list. Without it everything works, unguarded.

const form = document.querySelector("#content-main > form");
if (form && form.method === "post" && !document.querySelector("#changelist")) {
  let changed = false;
  let sending = 0; // a timer: what was stopped can be sent again
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault(); // a second click while the first is on its way
      return;
    }
    sending = setTimeout(again, 10_000);
  });
  window.addEventListener("pageshow", again);
  function again() {
    clearTimeout(sending);
    sending = 0;
  }
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sending) event.preventDefault();
  });
}

// Signing in again, in another tab, makes a new token, which the cookie has.
function renewTokens() {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token) return;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]"))
    input.value = token;
}
for (const name of ["focus", "pageshow"]) window.addEventListener(name, renewTokens);
for (const name of ["visibilitychange", "submit"])
  document.addEventListener(name, renewTokens, { capture: true });

// Wrong fields: the list at the top links to them. What an enhanced field hides (the
// text area behind the editor, a picture's number) stands for what shows in its row.
const FOCUSABLE = "input, select, textarea, button, [contenteditable='true']";
const wrong = document.querySelector(".wrong-fields");

function goTo(link) {
  const target = document.querySelector(link.getAttribute("href"));
  if (!target) return;
  for (let above = target; above; above = above.parentElement) {
    if (above.tagName === "DETAILS") above.open = true;
  }
  const row = target.closest(".form-row") ?? target;
  const shown = [target, ...row.querySelectorAll(FOCUSABLE)].find(
    (element) => element.matches(FOCUSABLE) && element.checkVisibility(),
  );
  (shown ?? target).focus();
  row.scrollIntoView({ block: "center" });
}

wrong?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  goTo(link);
});

const list = document.querySelector("#result_list");
if (list) {
  const heads = [...list.querySelectorAll("thead th")].map(
    (head) => head.querySelector(".text")?.textContent.trim() ?? "",
  );
  for (const row of list.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, index) => {
      if (cell.tagName === "TD" && heads[index] && cell.className !== "action-checkbox")
        cell.dataset.label = heads[index];
    });
  }
  list.classList.add("cards");
}

window.addEventListener("load", () => {
  const first = wrong?.querySelector("a");
  if (first) goTo(first);
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const name = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
    const box = select.parentElement.querySelector(".select2-selection");
    if (!name || !box) continue;
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", name);
  }
  for (const icon of document.querySelectorAll(".selector .help-tooltip[aria-label]"))
    icon.setAttribute("role", "img"); // what is nothing may have no name
});
