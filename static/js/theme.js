/* Light, dark or as the device: keeps the choice in this browser.
   Needs: nothing at first (it marks <html> before the first painting, so nothing
   flashes); later the buttons [data-theme-choice]. Also says that scripts run
   (class "js"). Without it the page follows the device. */

const root = document.documentElement;
root.classList.add("js");

/* The back office keeps its choice under the same name and calls this one "auto". */
function stored() {
  try {
    const theme = localStorage.theme;
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    return "system";
  }
}

function apply(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", button.dataset.themeChoice === theme);
  }
}

function listen() {
  apply(stored());
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.addEventListener("click", () => {
      const theme = button.dataset.themeChoice;
      try {
        if (theme === "system") localStorage.removeItem("theme");
        else localStorage.theme = theme;
      } catch {}
      apply(theme);
    });
  }
}

apply(stored());
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", listen);
} else {
  listen();
}
