// What comes into the editor by paste and drop. Formatted text goes to the server,
// which cleans it (Word's lists and headings, old fonts); plain text and what was
// copied in an editor of ours stay here. Pictures are uploaded to the library one
// after another and placed as figures; writing goes on meanwhile.
// Needs: data-paste (address) and data-paste-labels (JSON) on the text area, editor.js
// after it, upload.js. Without it: ProseMirror pastes by its own rules, pictures come
// by the library's window.

const LONGEST = 30_000; // milliseconds for an answer, while the form waits for it
const ICON = "M12 16V5M8 9l4-4 4 4M4 15v4h16v-4"; // an arrow out of a tray

document.addEventListener("editor:build", ({ target, detail }) => {
  if (!target.dataset.paste) return;
  const incoming = new Incoming(target, detail);
  const { props, buttons } = detail;
  const before = props.handleDOMEvents ?? {};
  // Before ProseMirror reads the HTML, whose styles the policy would report.
  props.handleDOMEvents = {
    ...before,
    paste: (view, event) => before.paste?.(view, event) || incoming.paste(view, event),
    drop: (view, event) => before.drop?.(view, event) || incoming.drop(view, event),
  };
  buttons.push({
    label: incoming.labels.choose,
    icon: ICON,
    run: () => incoming.choose(),
  });
  target.addEventListener("editor:ready", ({ detail }) => incoming.start(detail), {
    once: true,
  });
});

// A file dropped beside the editor would take the place of the page.
const hasFiles = (event) =>
  event.dataTransfer?.types.includes("Files") &&
  !event.target.closest?.("input[type=file]");
document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  if (!event.target.closest?.(".ProseMirror")) event.dataTransfer.dropEffect = "none";
  event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (hasFiles(event)) event.preventDefault();
});

// Codes of the fonts of before Unicode: signs and letters that no Vietnamese word has,
// or vowels that never follow one another. The server looks closely.
function mayBeOld(text) {
  return (
    /(?![àáâãèéêìíòóôõùúý])[\u00a1-\u00fe]/i.test(text) ||
    /[ae][ùâáàãêéèú]|o[ùâ]/i.test(text)
  );
}

const isWordFile = (file) => /\.docx?$/i.test(file.name);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

class Incoming {
  constructor(textarea, { pm, between }) {
    this.textarea = textarea;
    this.pm = pm.pm;
    this.between = between;
    this.labels = JSON.parse(textarea.dataset.pasteLabels);
    this.places = new Set(); // that follow the text while an answer is awaited
    this.waiting = []; // uploads
    this.uploading = null;
    this.cleaning = 0;
  }

  start({ editor, box }) {
    this.editor = editor;
    this.busy = make("p", { class: "editor-busy", role: "status" });
    this.uploads = make("ul", { class: "editor-uploads" });
    this.notices = make("div", { class: "editor-notices", role: "log" });
    const bar = box.querySelector(".editor-bar");
    const head = make("div", { class: "editor-head" });
    bar.replaceWith(head);
    head.append(
      bar,
      make("div", { class: "editor-incoming" }, this.busy, this.uploads, this.notices),
    );
    editor.on("transaction", ({ transaction, appendedTransactions }) => {
      for (const tr of [transaction, ...(appendedTransactions ?? [])])
        for (const place of this.places) place.follow(tr);
      if (transaction.docChanged && !this.isBusy()) this.show("");
    });
    this.textarea.form?.addEventListener(
      "submit",
      (event) => {
        if (!this.isBusy()) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        this.tell(this.labels.wait);
      },
      { capture: true },
    );
    window.addEventListener("beforeunload", (event) => {
      if (this.isBusy()) event.preventDefault();
    });
  }

  isBusy() {
    return this.cleaning > 0 || this.uploading !== null;
  }

  // Deciding

  paste(view, event) {
    const data = event.clipboardData;
    if (!data) return false;
    const html = data.getData("text/html");
    const files = [...data.files];
    // Office programs add a picture of what they copy: the words count.
    if (files.length && !hasWords(html)) {
      event.preventDefault();
      this.take(files, view.state.selection.to);
      return true;
    }
    return this.takeText(view, event, data, view.state.selection);
  }

  drop(view, event) {
    const data = event.dataTransfer;
    if (!data || view.dragging) return false; // moved inside the editor
    const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
    const position = at ? at.pos : view.state.doc.content.size;
    if (data.files.length) {
      event.preventDefault();
      this.take([...data.files], besides(view, position, event.clientY));
      return true;
    }
    const { doc } = view.state;
    const selection = this.pm.state.Selection.near(doc.resolve(position));
    return this.takeText(view, event, data, selection);
  }

  takeText(view, event, data, selection) {
    const html = data.getData("text/html");
    const plain = data.getData("text/plain");
    const inCaption = selection.$from.parent.type.name === "figure";
    const isOurs = html.includes("data-pm-slice");
    if (inCaption && plain && !mayBeOld(plain)) {
      event.preventDefault();
      const line = plain.normalize("NFC").replace(/\s+/g, " ").trim();
      view.dispatch(view.state.tr.setSelection(selection).insertText(line));
      return true;
    }
    if (isOurs || (!html && !mayBeOld(plain))) return false;
    event.preventDefault();
    this.clean(inCaption ? "" : html, plain, selection);
    return true;
  }

  // Text

  async clean(html, plain, selection) {
    const place = this.follow(new Place(selection));
    this.cleaning += 1;
    this.show(this.labels.cleaning);
    let answer;
    try {
      const response = await fetch(this.textarea.dataset.paste, {
        method: "POST",
        signal: AbortSignal.timeout(LONGEST),
        headers: {
          "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]")
            .value,
          Accept: "application/json",
          "Content-Type": "application/json",
        },
        body: JSON.stringify({
          // Pictures as data are megabytes that are left out anyway.
          html: html.replace(/(?<=["'=])data:[a-z]+\/[^"'\s>]*/gi, "data:,"),
          plain,
        }),
      });
      answer = await response.json();
    } catch {
      answer = { html: html || asParagraphs(plain), notes: [this.labels.offline] };
    }
    this.cleaning -= 1;
    this.show(this.cleaning ? this.labels.cleaning : "");
    this.places.delete(place);
    if (this.editor.isDestroyed) return;
    if (answer.html) this.insert(answer.html, place.selection);
    for (const note of answer.error ? [answer.error] : (answer.notes ?? []))
      this.tell(note);
  }

  insert(html, selection) {
    const { view } = this.editor;
    const present = view.state.selection;
    const moved = !present.eq(selection);
    const back = moved ? this.follow(new Place(present)) : null;
    this.endUndoStep(view.state.tr.setSelection(selection));
    view.pasteHTML(withBorders(html, selection));
    if (back) {
      this.places.delete(back);
      view.dispatch(view.state.tr.setSelection(back.selection));
    }
  }

  // Undo takes back what comes after `tr`, and not what was typed before it.
  endUndoStep(tr) {
    this.editor.view.dispatch(this.pm.history.closeHistory(tr));
  }

  follow(place) {
    this.places.add(place);
    return place;
  }

  // Pictures

  choose() {
    const input = make("input", {
      type: "file",
      accept: this.labels.accept,
      multiple: "",
    });
    input.addEventListener("change", () =>
      this.take([...input.files], this.editor.state.selection.to),
    );
    input.click();
  }

  take(files, position) {
    const pictures = files.filter((file) => !isWordFile(file));
    if (pictures.length < files.length)
      this.tell(this.labels.word, this.textarea.dataset.docx);
    if (!pictures.length) return;
    // All of them stand one after another where the first belongs.
    const { doc } = this.editor.state;
    const place = this.follow(
      new Place(this.pm.state.Selection.near(doc.resolve(position)), position),
    );
    const batch = { place, left: pictures.length, isSingle: pictures.length === 1 };
    for (const file of pictures) {
      // Browsers call every screenshot image.png.
      const name = file.name === "image.png" ? this.labels.screenshot : file.name;
      const progress = make("progress", { max: "1", value: "0", "aria-label": name });
      const upload = { file, name, batch, progress };
      upload.row = make(
        "li",
        {},
        make("span", { text: name }),
        progress,
        make("button", {
          type: "button",
          text: this.labels.cancel,
          "aria-label": `${this.labels.cancel}: ${name}`,
          onclick: () => this.cancel(upload),
        }),
      );
      this.uploads.append(upload.row);
      this.waiting.push(upload);
    }
    this.next();
  }

  next() {
    if (this.uploading || !this.waiting.length) return;
    const upload = this.waiting.shift();
    this.uploading = upload;
    this.show(this.labels.uploading);
    upload.detail = {
      source: this.textarea,
      file: upload.file,
      progress: (share) => {
        // What is sent is still to be read and reduced there.
        if (share < 1) upload.progress.value = share;
        else upload.progress.removeAttribute("value");
      },
      done: (answer) => {
        this.uploading = null;
        this.finish(upload, answer);
        this.next();
      },
    };
    document.dispatchEvent(new CustomEvent("picture:upload", { detail: upload.detail }));
  }

  cancel(upload) {
    if (upload === this.uploading) {
      upload.detail.cancel();
    } else {
      this.waiting.splice(this.waiting.indexOf(upload), 1);
      this.finish(upload, { cancelled: true });
    }
    this.editor.commands.focus();
  }

  finish(upload, answer) {
    const { batch, name, row } = upload;
    row.remove();
    batch.left -= 1;
    if (!batch.left) this.places.delete(batch.place);
    this.show(this.uploading || this.waiting.length ? this.labels.uploading : "");
    if (answer.cancelled || this.editor.isDestroyed) return;
    if (!answer.image) {
      this.tell(`${name}: ${answer.error || this.labels.failed}`);
      return;
    }
    this.place(answer.image, batch);
    if (answer.duplicate) this.tell(`${name}: ${this.labels.duplicate}`);
    else if (!this.waiting.length) this.show(this.labels.placed);
  }

  place({ id, src, alt }, { place, isSingle }) {
    const { view } = this.editor;
    const { doc, schema } = view.state;
    const $at = doc.resolve(place.position);
    const { from, to } = this.between($at);
    const figure = schema.nodes.figure.create({ image: String(id), src, alt });
    const isQuiet = !place.isTouched && isSingle;
    this.endUndoStep(view.state.tr);
    const tr = view.state.tr.replaceWith(from, to, figure);
    if (isQuiet)
      tr.setSelection(this.pm.state.TextSelection.create(tr.doc, from + 1));
    view.dispatch(tr.scrollIntoView());
    place.position = from + figure.nodeSize;
    if (isQuiet) view.focus();
  }

  // Telling

  show(text) {
    this.busy.textContent = text;
  }

  tell(text, address = "") {
    for (const said of this.notices.children)
      if (said.firstChild.textContent === text) said.remove();
    const row = make("p", {}, make("span", { text }));
    if (address) row.append(make("a", { href: address, text: this.labels.wordLink }));
    row.append(
      make("button", {
        type: "button",
        text: "×",
        "aria-label": this.labels.dismiss,
        title: this.labels.dismiss,
        onclick: () => {
          row.remove();
          this.editor.commands.focus();
        },
      }),
    );
    this.notices.prepend(row); // the newest is seen without scrolling
  }
}

// A place in the text that is kept while the text changes.
class Place {
  constructor(selection, position = selection.to) {
    this.selection = selection;
    this.position = position;
    this.isTouched = false; // by somebody who writes elsewhere meanwhile
  }

  follow(tr) {
    if (tr.docChanged || tr.selectionSet) this.isTouched = true;
    this.selection = this.selection.map(tr.doc, tr.mapping);
    this.position = tr.mapping.map(this.position);
  }
}

// At a paragraph's end a heading stays a heading: only paragraphs flow into the text
// around them. ProseMirror reads how deep both ends of a slice are open.
function withBorders(html, { $from, $to }) {
  if ($from.depth !== 1 || $to.depth !== 1) return html;
  const box = new DOMParser().parseFromString(html, "text/html").body;
  const [open, close] = [box.firstElementChild, box.lastElementChild].map((block) =>
    block?.tagName === "P" ? 1 : 0,
  );
  box.firstElementChild?.setAttribute("data-pm-slice", `${open} ${close} []`);
  return box.innerHTML;
}

function hasWords(html) {
  const noWords = /<!--[^]*?-->|<style\b[^]*?<\/style>|<[^>]*>|&nbsp;/gi;
  return html.replace(noWords, "").trim() !== "";
}

// The border of the block under the mouse that is nearer to it.
function besides(view, position, y) {
  const $at = view.state.doc.resolve(position);
  if (!$at.depth) return position;
  if ($at.depth === 1 && $at.parent.content.size === 0) return position;
  const box = view.nodeDOM($at.before(1))?.getBoundingClientRect();
  const isUpper = box && y < (box.top + box.bottom) / 2;
  return isUpper ? $at.before(1) : $at.after(1);
}

function asParagraphs(plain) {
  const box = make("div");
  for (const line of plain.split(/\n+/)) box.append(make("p", { text: line }));
  return box.innerHTML;
}
