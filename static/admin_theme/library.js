// The window of the picture library: look, search, upload, choose, and say the words
// of this use (caption, alternative); of a new picture also its name and credit.
// Opened by the event "library:open" on document:
//   detail.source  an element with data-library (address) and data-library-labels
//   detail.words   null to choose only; else {caption, alt, altKind} to be asked for
//   detail.figure  a picture already chosen: begin with its words
//   detail.done    called with {image, caption, alt, altKind}
// Needs: upload.js. Without it: editor and picture fields keep working on what is
// already there.

document.addEventListener("library:open", (event) => new Library(event.detail).open());

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

class Library {
  constructor({ source, words = null, figure = null, done }) {
    this.source = source;
    this.address = source.dataset.library;
    this.labels = JSON.parse(source.dataset.libraryLabels);
    this.words = words;
    this.figure = figure;
    this.done = done;
    this.page = 0;
    this.asked = 0;
  }

  open() {
    const { labels } = this;
    this.title = make("h2", { id: "library-title", text: labels.title });
    this.body = make("div", { class: "library-body" });
    this.status = make("p", { class: "library-status", role: "status" });
    this.dialog = make(
      "dialog",
      { class: "library", "aria-labelledby": "library-title" },
      make(
        "header",
        { class: "library-head" },
        this.title,
        make("button", {
          type: "button",
          class: "library-close",
          "aria-label": labels.close,
          title: labels.close,
          text: "×",
          onclick: () => this.dialog.close(),
        }),
      ),
      this.body,
      this.status,
    );
    this.dialog.addEventListener("close", () => {
      this.dialog.remove();
      this.cancel?.();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    if (this.figure) this.askWords(this.figure);
    else this.showList();
  }

  // Choosing

  showList() {
    const { labels } = this;
    this.title.textContent = labels.title;
    this.search = make("input", {
      type: "search",
      id: "library-search",
      placeholder: labels.searchHint,
      autocomplete: "off",
    });
    let timer;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.load(true), 250);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        clearTimeout(timer);
        this.load(true);
      }
    });
    const file = make("input", {
      type: "file",
      id: "library-file",
      accept: labels.accept,
      onchange: () => file.files.length && this.upload(file),
    });
    this.show = make(
      "select",
      { id: "library-show", onchange: () => this.load(true) },
      make("option", { value: "all", text: labels.showAll }),
      make("option", { value: "mine", text: labels.showMine }),
      make("option", { value: "unused", text: labels.showUnused }),
    );
    this.progress = make("progress", { max: "100", value: "0", hidden: true });
    this.progress.setAttribute("aria-label", labels.uploading);
    this.grid = make("ul", { class: "library-grid" });
    this.more = make("button", {
      type: "button",
      class: "button quiet",
      hidden: true,
      text: labels.more,
      onclick: () => {
        this.page += 1;
        this.load(false);
      },
    });
    this.body.replaceChildren(
      make(
        "div",
        { class: "library-tools" },
        make(
          "div",
          {},
          make("label", { for: "library-search", text: labels.search }),
          this.search,
        ),
        make(
          "div",
          {},
          make("label", { for: "library-show", text: labels.show }),
          this.show,
        ),
        make(
          "div",
          {},
          make("label", { for: "library-file", text: labels.upload }),
          file,
          this.progress,
        ),
      ),
      this.grid,
      this.more,
    );
    this.search.focus();
    this.load(true);
  }

  async load(fromStart) {
    if (fromStart) this.page = 0;
    const number = ++this.asked; // an older answer must not replace a newer one
    this.say(this.labels.loading);
    const query = new URLSearchParams({
      q: this.search.value,
      show: this.show.value,
      page: this.page,
    });
    let answer;
    try {
      const response = await fetch(`${this.address}?${query}`, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(response.status);
      answer = await response.json();
    } catch {
      answer = null;
    }
    if (number !== this.asked) return;
    if (!answer) {
      this.say(this.labels.uploadFailed, true);
      return;
    }
    const items = answer.images.map((image) => this.card(image));
    if (fromStart) this.grid.replaceChildren(...items);
    else {
      this.grid.append(...items);
      items[0]?.querySelector("button").focus();
    }
    this.more.hidden = !answer.more;
    const count = this.grid.children.length;
    this.say(count ? `${count} ${this.labels.found}` : this.labels.empty);
  }

  card(image) {
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", class: "library-card", onclick: () => this.choose(image) },
        make("img", { src: image.src, alt: "", loading: "lazy" }),
        make("span", { text: image.title }),
        make("small", { text: image.size }),
      ),
    );
  }

  upload(file) {
    const { labels } = this;
    this.progress.hidden = false;
    file.disabled = true;
    this.say(labels.uploading);
    const detail = {
      source: this.source,
      file: file.files[0],
      progress: (share) => {
        this.progress.value = 100 * share;
      },
      done: (answer) => {
        this.cancel = null;
        if (answer.cancelled) return;
        this.progress.hidden = true;
        file.disabled = false;
        if (!answer.image) {
          file.value = "";
          this.say(answer.error || labels.uploadFailed, true);
          return;
        }
        if (answer.duplicate) this.choose(answer.image, labels.duplicate);
        else this.choose(answer.image, "", true);
      },
    };
    document.dispatchEvent(new CustomEvent("picture:upload", { detail }));
    this.cancel = detail.cancel; // closing the window gives the picture up
  }

  choose(image, notice = "", isNew = false) {
    if (this.words === null) {
      this.finish({ image });
      return;
    }
    const { caption, alt } = image;
    this.askWords({ image, caption, alt, altKind: "text" }, notice, isNew);
  }

  // The words of this use

  askWords(figure, notice = "", isNew = false) {
    const { labels } = this;
    this.asked += 1; // the list's answers come too late
    this.title.textContent = labels.words;
    this.say(notice);
    const name = make("input", {
      type: "text",
      id: "library-name",
      maxlength: "200",
      autocomplete: "off",
      "aria-describedby": "library-name-hint",
    });
    name.value = figure.image.title || "";
    const nameRow = [
      make("label", { for: "library-name", text: labels.name }),
      name,
      make("p", { class: "help", id: "library-name-hint", text: labels.nameHint }),
    ];
    const caption = make("textarea", {
      id: "library-caption",
      rows: "2",
      maxlength: "500",
      "aria-describedby": "library-caption-hint",
    });
    caption.value = figure.caption || "";
    const alt = make("textarea", {
      id: "library-alt",
      rows: "2",
      maxlength: "300",
      "aria-describedby": "library-alt-hint",
    });
    alt.value = figure.alt || "";
    const credit = make("input", {
      type: "text",
      id: "library-credit",
      maxlength: "120",
      placeholder: labels.creditHint,
    });
    const creditRow = [
      make("label", { for: "library-credit", text: labels.credit }),
      credit,
    ];
    const kinds = [
      ["text", labels.altText],
      ["caption", labels.altCaption],
      ["decorative", labels.altDecorative],
    ].map(([value, text]) => {
      const radio = make("input", {
        type: "radio",
        name: "library-alt-kind",
        value,
        id: `library-alt-${value}`,
        onchange: () => showAlt(),
      });
      radio.checked = value === (figure.altKind || "text");
      return make("p", {}, radio, make("label", { for: radio.id, text }));
    });
    const altRow = make(
      "div",
      {},
      make("label", { for: "library-alt", text: labels.alt }),
      alt,
      make("p", {
        class: "help",
        id: "library-alt-hint",
        text: isNew ? labels.newHint : labels.altHint,
      }),
    );
    const kind = () => form.querySelector("input[name=library-alt-kind]:checked").value;
    const showAlt = () => {
      altRow.hidden = kind() !== "text";
    };
    const form = make(
      "form",
      { class: "library-words", novalidate: true },
      make(
        "div",
        { class: "library-preview" },
        make("img", { src: figure.image.src, alt: "" }),
        make("p", { text: figure.image.title || "" }),
        figure.image.credit
          ? make("p", { text: `${labels.credit}: ${figure.image.credit}` })
          : "",
      ),
      make(
        "div",
        { class: "library-fields" },
        ...(isNew ? nameRow : []),
        make("label", { for: "library-caption", text: labels.caption }),
        caption,
        make("p", {
          class: "help",
          id: "library-caption-hint",
          text: labels.captionHint,
        }),
        make(
          "fieldset",
          {},
          make("legend", { text: labels.altKind }),
          ...kinds,
          altRow,
        ),
        ...(isNew ? creditRow : []),
        make(
          "p",
          { class: "library-buttons" },
          make("button", {
            type: "submit",
            class: "button default",
            text: this.figure ? labels.update : labels.insert,
          }),
          make("button", {
            type: "button",
            class: "button quiet",
            text: this.figure ? labels.close : labels.back,
            onclick: () => (this.figure ? this.dialog.close() : this.showList()),
          }),
        ),
      ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (kind() === "text" && !alt.value.trim()) {
        this.say(labels.altNeeded, true);
        alt.focus();
      } else if (kind() === "caption" && !caption.value.trim()) {
        this.say(labels.captionNeeded, true);
        caption.focus();
      } else {
        if (isNew) {
          await this.describe(figure.image, {
            title: name.value.trim() || figure.image.title,
            credit: credit.value.trim(),
            ...(kind() === "text" ? { alt: alt.value.trim() } : {}),
          });
        }
        this.finish({
          image: figure.image,
          caption: caption.value.trim().replace(/\s+/g, " "),
          alt: alt.value.trim().replace(/\s+/g, " "),
          altKind: kind(),
        });
      }
    });
    this.body.replaceChildren(form);
    showAlt();
    if (isNew) name.select();
    (isNew ? name : caption).focus();
  }

  // What cannot be stored in the library keeps nobody from putting the picture in.
  async describe(image, words) {
    const data = new FormData();
    data.append("image", image.id);
    for (const [name, text] of Object.entries(words)) data.append(name, text);
    try {
      const response = await fetch(this.address, {
        method: "POST",
        headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
        body: data,
      });
      if (response.ok) Object.assign(image, (await response.json()).image);
    } catch {
      // The title of the upload stays.
    }
  }

  finish(result) {
    this.dialog.close();
    this.done(result);
  }

  say(text, isError = false) {
    this.status.textContent = text;
    this.status.classList.toggle("library-error", isError);
  }
}

function csrfToken() {
  return document.querySelector("input[name=csrfmiddlewaretoken]").value;
}
