/* Videos and maps of other sites: a frame in place of the button, when it is pressed.
   Needs: [data-embed-frame] (the frame's address) with data-title, a hidden button
   and a hidden note in it. Without it: nothing but the link below to the provider's
   page. Until the press nothing is fetched from elsewhere. */

for (const place of document.querySelectorAll("[data-embed-frame]")) {
  const button = place.querySelector("button");
  for (const part of place.querySelectorAll("[hidden]")) part.hidden = false;
  button.addEventListener("click", () => {
    // Large text may have made the place higher than a video is; it stays so.
    place.style.minHeight = `${place.offsetHeight}px`;
    const frame = document.createElement("iframe");
    frame.title = place.dataset.title;
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin"; // YouTube asks for it
    // The provider's own scripts, and the way to its page in another tab.
    frame.sandbox =
      "allow-scripts allow-same-origin allow-presentation " +
      "allow-popups allow-popups-to-escape-sandbox";
    frame.loading = "lazy";
    frame.src = place.dataset.embedFrame;
    place.replaceChildren(frame);
    frame.focus(); // the button had it
  });
}
