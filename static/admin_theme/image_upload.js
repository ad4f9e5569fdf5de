// Several pictures at once: chosen or dropped anywhere on the page, sent one after
// another with their progress, each with its answer (stored, already there, refused);
// then their words are typed and saved in one go.
// Needs: section.picture-upload of templates/admin/news/image/change_list.html, upload.js.
// Without it: pictures are added one by one by "Add picture".

const panel = document.querySelector(".picture-upload");
const labels = JSON.parse(panel.dataset.labels);
const chooser = panel.querySelector("input[type=file]");
const form = panel.querySelector("form");
const list = panel.querySelector(".picture-upload-list");
const buttons = panel.querySelector(".picture-upload-buttons");
const status = panel.querySelector(".picture-upload-status");
const waiting = [];
const counts = { done: 0, known: 0, refused: 0 };
let isSending = false;
let numbers = 0;

panel.hidden = false;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_match, name) => values[name]);
}

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;

// Choosing and dropping

chooser.addEventListener("change", () => {
  take(chooser.files);
  chooser.value = "";
});

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault(); // else the browser leaves the page to show the file
  panel.dataset.drop = labels.drop;
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete panel.dataset.drop;
});
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  delete panel.dataset.drop;
  take(event.dataTransfer.files);
});

function take(files) {
  for (const file of files) {
    const note = make("p", { class: "picture-upload-note", text: labels.waiting });
    const item = make(
      "li",
      {},
      make("p", { class: "picture-upload-name", text: file.name }),
      note,
    );
    list.append(item);
    waiting.push({ file, item, note });
  }
  if (!waiting.length) return;
  form.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
  if (!isSending) sendAll();
}

// Sending

async function sendAll() {
  isSending = true;
  while (waiting.length) {
    tell();
    const next = waiting.shift();
    show(next, await send(next));
  }
  isSending = false;
  tell();
}

function tell() {
  const left = waiting.length + (isSending ? 1 : 0);
  const sum = fill(labels.sum, counts);
  status.textContent = waiting.length ? `${sum} ${fill(labels.left, { left })}` : sum;
}

// Resolves with the server's answer, {} when there is none; never rejects.
function send({ file, item, note }) {
  const progress = make("progress", { max: "100", value: "0" });
  progress.setAttribute("aria-label", `${labels.uploading} ${file.name}`);
  note.textContent = labels.uploading;
  item.append(progress);
  return new Promise((resolve) => {
    const detail = {
      source: panel,
      file,
      progress(share) {
        progress.value = 100 * share;
        if (share === 1) note.textContent = labels.working;
      },
      done(answer) {
        progress.remove();
        resolve(answer);
      },
    };
    document.dispatchEvent(new CustomEvent("picture:upload", { detail }));
  });
}

function show({ item, note }, answer) {
  if (!answer.image) {
    counts.refused += 1;
    note.textContent = answer.error || labels.failed;
    note.classList.add("picture-upload-refused");
    return;
  }
  const { image } = answer;
  const link = make("a", { href: image.change, text: image.title });
  item.prepend(make("img", { src: image.src, alt: "" }));
  if (answer.duplicate) {
    counts.known += 1;
    note.replaceChildren(`${labels.duplicate} `, link);
    return;
  }
  counts.done += 1;
  note.textContent = labels.done;
  item.dataset.image = image.id;
  item.append(words(image));
  buttons.hidden = false;
}

// Words

function words(image) {
  numbers += 1;
  const box = make("div", { class: "picture-upload-words" });
  for (const [name, value, limit, hint] of [
    ["title", image.title, 200],
    ["alt", image.alt, 300, labels.altHint],
    ["caption", image.caption, 500],
    ["credit", image.credit, 120, labels.creditHint],
  ]) {
    const id = `picture-upload-${numbers}-${name}`;
    const input = make("input", { type: "text", id, name, maxlength: limit });
    input.value = value;
    input.defaultValue = value;
    if (hint) input.placeholder = hint;
    const label = make("label", {
      for: id,
      text: name === "title" ? labels.name : labels[name],
    });
    box.append(make("p", {}, label, input));
  }
  box.append(make("a", { href: image.change, text: labels.change }));
  return box;
}

const inputs = (item) => [...item.querySelectorAll("input")];
const isChanged = (item) => inputs(item).some((i) => i.value !== i.defaultValue);
const unsaved = () => [...list.querySelectorAll("[data-image]")].filter(isChanged);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const item of unsaved()) await save(item);
});

async function save(item) {
  const note = item.querySelector(".picture-upload-note");
  const data = new FormData();
  data.append("image", item.dataset.image);
  for (const input of inputs(item)) data.append(input.name, input.value);
  let answer = {};
  try {
    const response = await fetch(panel.dataset.library, {
      method: "POST",
      headers: { "X-CSRFToken": token(), Accept: "application/json" },
      body: data,
    });
    answer = await response.json();
  } catch {
    answer = {};
  }
  note.classList.toggle("picture-upload-refused", !answer.image);
  note.textContent = answer.image ? labels.saved : answer.error || labels.failed;
  if (!answer.image) return;
  for (const input of inputs(item)) {
    input.value = answer.image[input.name];
    input.defaultValue = input.value;
  }
}

window.addEventListener("beforeunload", (event) => {
  if (isSending || unsaved().length) event.preventDefault();
});
