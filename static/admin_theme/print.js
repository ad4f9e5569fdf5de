// Prints the page by a button.
// Needs: a button [data-print], hidden in the page. Without it: the browser's menu.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
