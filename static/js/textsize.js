/* A−, A, A+, A++: keeps the reader's text size in this browser.
   Needs: [data-text-size] buttons; marks <html> before the first painting.
   Without it the buttons are not shown, and the browser's zoom remains. */

const root = document.documentElement;
const sizes = ["small", "normal", "large", "largest"];

function stored() {
  try {
    return sizes.includes(localStorage.textSize) ? localStorage.textSize : "normal";
  } catch {
    return "normal";
  }
}

function apply(size) {
  root.dataset.textSize = size;
  for (const button of document.querySelectorAll("button[data-text-size]")) {
    button.setAttribute("aria-pressed", button.dataset.textSize === size);
  }
}

function listen() {
  apply(stored());
  for (const button of document.querySelectorAll("button[data-text-size]")) {
    button.addEventListener("click", () => {
      try {
        localStorage.textSize = button.dataset.textSize;
      } catch {}
      apply(button.dataset.textSize);
    });
  }
}

apply(stored());
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", listen);
} else {
  listen();
}
