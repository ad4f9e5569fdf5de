/* Print, copy the link, the device's share sheet.
   Needs: [data-print], [data-copy], [data-share] and [data-share-status]. Without it
   these buttons are not shown; the links to Facebook and e-mail work. */

document
  .querySelector("[data-print]")
  ?.addEventListener("click", () => window.print());

const status = document.querySelector("[data-share-status]");

const copy = document.querySelector("[data-copy]");
copy?.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(copy.dataset.copy);
    status.textContent = copy.dataset.done;
  } catch {
    // No permission, or plain http: the address itself, to be copied by hand.
    status.textContent = copy.dataset.copy;
  }
});

const share = document.querySelector("[data-share]");
if (share && navigator.share) {
  share.closest("[data-share-item]").hidden = false;
  share.addEventListener("click", () => {
    navigator
      .share({ title: share.dataset.title, url: share.dataset.share })
      .catch(() => {}); // closed by the reader
  });
}
