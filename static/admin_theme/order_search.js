// Answers the search of an article for hot news and focus in its place, while typing:
// an order that is not saved yet stays.
// Needs: .order-search and #order-found. Without it: a new page answers.

const form = document.querySelector(".order-search");
const input = form?.querySelector("input[type=search]");
const places = () => document.querySelector("#order-found");
let asked = 0;
let timer;

async function search() {
  clearTimeout(timer);
  const number = ++asked; // an older answer must not replace a newer one
  const address = `${form.getAttribute("action").split("#")[0]}?${new URLSearchParams(new FormData(form))}`;
  places().classList.add("is-busy");
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.status);
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = answer.querySelector("#order-found");
    if (number !== asked || !found) return;
    places().closest("form").action = found.closest("form").getAttribute("action");
    // The line that is read aloud stays the same element.
    places().querySelector("ul").replaceWith(found.querySelector("ul"));
    places().querySelector("[role=status]").textContent =
      found.querySelector("[role=status]").textContent;
  } catch {
    if (number === asked)
      places().querySelector("[role=status]").textContent = form.dataset.failed;
  } finally {
    if (number === asked) places().classList.remove("is-busy");
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
input?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, 250);
});
