// A picture field: shows the chosen picture and opens the library instead of asking
// for its number. Needs: .picture-field with an input[data-picture-field].
// Without it: the number can be typed.

for (const field of document.querySelectorAll(".picture-field")) {
  const number = field.querySelector("[data-picture-field]");
  const shown = field.querySelector(".picture-field-shown");
  const image = field.querySelector(".picture-field-image");
  const title = field.querySelector(".picture-field-title");
  const choose = field.querySelector(".picture-field-choose");
  const clear = field.querySelector(".picture-field-clear");

  const show = () => {
    shown.hidden = !number.value;
    clear.hidden = !number.value;
  };
  const changed = () => {
    show();
    number.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // The field's label names the button instead of the hidden number.
  const label = number.id && document.querySelector(`label[for="${number.id}"]`);
  if (label) {
    choose.id = `${number.id}_choose`;
    label.htmlFor = choose.id;
    choose.setAttribute("aria-label", `${label.textContent.trim()} ${choose.textContent}`);
  }
  number.type = "hidden";
  choose.hidden = false;
  show();
  choose.addEventListener("click", () => {
    document.dispatchEvent(
      new CustomEvent("library:open", {
        detail: {
          source: number,
          done(result) {
            number.value = result.image.id;
            image.src = result.image.src;
            title.textContent = result.image.title;
            changed();
            number.dispatchEvent(
              new CustomEvent("picture:chosen", {
                bubbles: true,
                detail: result.image,
              }),
            );
            choose.focus();
          },
        },
      }),
    );
  });
  clear.addEventListener("click", () => {
    number.value = "";
    image.removeAttribute("src");
    title.textContent = "";
    changed();
    choose.focus();
  });
}

// A cover brings its default words where nothing was typed.
document.addEventListener("picture:chosen", (event) => {
  if (event.target.name !== "cover") return;
  for (const [name, value] of [
    ["cover_alt", event.detail.alt],
    ["cover_caption", event.detail.caption],
  ]) {
    const input = document.querySelector(`[name="${name}"]`);
    if (input && !input.value) input.value = value;
  }
});
