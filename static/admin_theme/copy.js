// Copies the text of a field by a button.
// Needs: a button [data-copy-from="id of the field"][data-done="what it then says"],
// hidden in the page. Without it: the text is selected and copied by hand.

for (const button of document.querySelectorAll("[data-copy-from]")) {
  const field = document.getElementById(button.dataset.copyFrom);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      say(button.dataset.done);
    } catch {
      // No permission, or plain http: the old way, which needs neither.
      if (document.execCommand("copy")) say(button.dataset.done);
    }
  });
}

function say(text) {
  let status = document.querySelector("[data-copy-status]");
  if (!status) {
    status = document.createElement("p");
    status.setAttribute("role", "status");
    status.dataset.copyStatus = "";
  }
  document.activeElement.parentElement.after(status);
  status.textContent = text;
}
