// Guards what was typed: asks before a changed form is left, and sends it once. Names
// the search boxes of Django's autocomplete, which its own script leaves without.
// Needs: the admin's change form. Without it everything works, unguarded.

const form = document.querySelector("#content-main > form");
if (form && form.method === "post" && !document.querySelector("#changelist")) {
  let changed = false;
  let sending = false;
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault(); // a second click while the first is on its way
      return;
    }
    sending = true;
  });
  window.addEventListener("pageshow", () => {
    sending = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sending) event.preventDefault();
  });
}

window.addEventListener("load", () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const name = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
    const box = select.parentElement.querySelector(".select2-selection");
    if (!name || !box) continue;
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", name);
  }
});
