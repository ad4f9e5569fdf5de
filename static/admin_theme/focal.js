// The focal point of a picture: a click, a drag or the arrow keys on the marker set it,
// and the cuts that readers get follow at once.
// Needs: .focal of news/admin/image_preview.py and the inputs focal_x and focal_y.
// Without it: the two numbers are typed, and the cuts are those of the last save.

const box = document.querySelector(".focal");
const x = document.querySelector("input[name=focal_x]");
const y = document.querySelector("input[name=focal_y]");
if (box && x && y) begin();

function begin() {
  const labels = JSON.parse(box.dataset.focal);
  const whole = box.querySelector(".focal-whole");
  const picture = whole.querySelector("img");
  const status = box.querySelector(".focal-status");
  const card = box.querySelector(".focal-cut--card img");
  const share = box.querySelector(".focal-cut--share img");
  const marker = document.createElement("button");
  marker.type = "button";
  marker.className = "focal-marker";
  whole.append(marker);
  status.textContent = labels.help;
  card.closest("figure").hidden = false;
  share.src = picture.src; // the stored cut stays where it was at the last save

  const percent = (input) => Math.min(100, Math.max(0, Math.round(Number(input.value))));

  function show() {
    const at = { x: percent(x), y: percent(y) };
    marker.style.left = `${at.x}%`;
    marker.style.top = `${at.y}%`;
    const text = labels.marker.replace("{x}", at.x).replace("{y}", at.y);
    marker.setAttribute("aria-label", text);
    // Style sheets know focal points in tenths (.fx-0 to .fx-10).
    card.style.objectPosition = `${tenth(at.x)}% ${tenth(at.y)}%`;
    share.style.objectPosition = `${centred(at.x, true)}% ${centred(at.y, false)}%`;
  }

  // As Python rounds: halves to the even tenth.
  function tenth(value) {
    const part = value / 10;
    return 10 * (part % 1 === 0.5 ? 2 * Math.round(part / 2) : Math.round(part));
  }

  // news.images puts the middle of the cut on the point, as far as the picture goes.
  function centred(value, isAcross) {
    const ratio = 1200 / 630;
    const { width, height } = picture;
    const side = isAcross ? width : height;
    const cut = isAcross
      ? Math.min(width, height * ratio)
      : Math.min(height, width / ratio);
    if (side - cut < 1) return 50;
    const start = Math.min(Math.max((side * value) / 100 - cut / 2, 0), side - cut);
    return (100 * start) / (side - cut);
  }

  function set(toX, toY) {
    x.value = Math.min(100, Math.max(0, Math.round(toX)));
    y.value = Math.min(100, Math.max(0, Math.round(toY)));
    show();
    x.dispatchEvent(new Event("input", { bubbles: true })); // the form has changed
  }

  function setFrom(event) {
    const frame = picture.getBoundingClientRect();
    set(
      (100 * (event.clientX - frame.left)) / frame.width,
      (100 * (event.clientY - frame.top)) / frame.height,
    );
  }

  whole.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    marker.focus();
    whole.setPointerCapture(event.pointerId);
    setFrom(event);
  });
  whole.addEventListener("pointermove", (event) => {
    if (whole.hasPointerCapture(event.pointerId)) setFrom(event);
  });
  marker.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const moves = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    set(percent(x) + move[0], percent(y) + move[1]);
    const text = marker.getAttribute("aria-label");
    status.textContent = text;
  });
  for (const input of [x, y]) input.addEventListener("input", show);
  show();
}
