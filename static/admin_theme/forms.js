// Guards what was typed: asks before a changed form is left, and sends it once.
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
