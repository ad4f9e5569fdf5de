/* Folds the main menu on phones and opens its second level.
   Needs: [data-menu-toggle] before the list, [data-menu-more] before each sub-list.
   Without it the whole menu is shown on phones; on wide screens the second level
   opens on hover and focus. */

const flip = (button, open = button.getAttribute("aria-expanded") !== "true") =>
  button.setAttribute("aria-expanded", open);
const wide = matchMedia("(min-width: 64em)");

const toggle = document.querySelector("[data-menu-toggle]");
toggle?.addEventListener("click", () => flip(toggle));

for (const more of document.querySelectorAll("[data-menu-more]")) {
  const item = more.parentElement;
  const close = () => {
    flip(more, false);
    item.dataset.closed = "";
  };
  const reset = () => {
    if (wide.matches) flip(more, false);
    delete item.dataset.closed;
  };
  more.addEventListener("click", () => {
    flip(more);
    if (more.getAttribute("aria-expanded") === "true") delete item.dataset.closed;
    else item.dataset.closed = "";
  });
  item.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    more.focus();
    close();
  });
  item.addEventListener("mouseenter", () => delete item.dataset.closed);
  item.addEventListener("focusout", (event) => {
    if (!item.contains(event.relatedTarget)) reset();
  });
}
