// Moves the rows of hot news and focus: by pointer (mouse, finger, pen) at the handle,
// by keyboard at the handle (Enter or Space, arrows, Escape), by the buttons of a row.
// Nothing is stored before "Save the order".
// Needs: .order-boards with data-labels. Without it: the buttons save each move.

const all = document.querySelector(".order-boards");
const labels = JSON.parse(all.dataset.labels);
const EDGE = 80; // px from the window's edge where a drag begins to scroll
const SPEED = 8; // px a frame
let leaving = false;

for (const list of all.querySelectorAll(".order-list"))
  if (list.querySelector(".order-handle")) setUp(list);
markHome();

window.addEventListener("beforeunload", (event) => {
  if (!leaving && all.querySelector(".order-unsaved:not([hidden])"))
    event.preventDefault();
});
window.addEventListener("pageshow", () => {
  leaving = false;
});

function setUp(list) {
  const form = list.closest("form");
  const status = form.querySelector(".order-status");
  const saved = [...list.children];
  let held = null; // {row, before, pointer, offset, y}; pointer is null for keys

  const rows = () => [...list.children];
  const isChanged = () => rows().some((row, index) => row !== saved[index]);
  const say = (label, row) => {
    const values = {
      title: row.dataset.title,
      place: rows().indexOf(row) + 1,
      count: saved.length,
    };
    status.textContent = label.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };
  const refresh = () => {
    form.querySelector(".order-unsaved").hidden = !isChanged();
    markHome();
  };

  // The others go around the row: it keeps the focus and the pointer.
  const place = (row, index) => {
    const others = rows().filter((other) => other !== row);
    row.before(...others.slice(0, index));
    row.after(...others.slice(index));
    refresh();
  };
  const step = (row, wanted) => {
    const from = rows().indexOf(row);
    const to = Math.min(Math.max(wanted, 0), saved.length - 1);
    if (to === from) {
      say(from ? labels.last : labels.first, row);
      return;
    }
    place(row, to);
    row.scrollIntoView({ block: "nearest" });
    say(labels.moved, row);
  };

  const hold = (row, pointer = null, offset = 0) => {
    held = { row, before: rows(), pointer, offset };
    row.classList.add("is-held");
    row.querySelector(".order-handle").setAttribute("aria-pressed", "true");
    if (pointer === null) say(labels.held, row);
  };
  const letGo = (label) => {
    const { row } = held;
    held = null;
    row.classList.remove("is-held", "is-dragged");
    row.style.removeProperty("transform");
    row.querySelector(".order-handle").setAttribute("aria-pressed", "false");
    if (label) say(label, row);
  };
  const takeBack = () => {
    const { row, before } = held;
    place(row, before.indexOf(row));
    letGo(labels.back);
  };

  // The row is under the pointer, its place where the pointer passed a middle.
  const follow = () => {
    const { row, offset, y } = held;
    row.style.removeProperty("transform");
    const index = rows().filter((other) => {
      const { top, height } = other.getBoundingClientRect();
      return other !== row && top + height / 2 < y;
    }).length;
    if (index !== rows().indexOf(row)) place(row, index);
    const { top } = row.getBoundingClientRect();
    row.style.setProperty("transform", `translateY(${y - offset - top}px)`);
  };
  const scroll = () => {
    if (held?.pointer == null) return;
    const { y } = held;
    const way = (y > window.innerHeight - EDGE) - (y < EDGE);
    if (way) {
      window.scrollBy(0, way * SPEED);
      follow();
    }
    requestAnimationFrame(scroll);
  };

  for (const row of saved) {
    const handle = row.querySelector(".order-handle");
    handle.hidden = false;

    // A click without a pointer is of Enter, Space or a screen reader.
    handle.addEventListener("click", ({ detail }) => {
      if (detail) return;
      if (held) letGo(labels.dropped);
      else hold(row);
    });
    handle.addEventListener("keydown", (event) => {
      if (!held) return;
      const at = rows().indexOf(row);
      const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: saved.length - 1 };
      if (event.key === "Escape") takeBack();
      else if (event.key in to && held.pointer === null) step(row, to[event.key]);
      else return;
      event.preventDefault();
    });
    handle.addEventListener("blur", () => {
      if (held?.row === row && held.pointer === null) letGo(labels.dropped);
    });

    handle.addEventListener("pointerdown", (event) => {
      if (event.button || held) return;
      handle.setPointerCapture(event.pointerId);
      hold(row, event.pointerId, event.clientY - row.getBoundingClientRect().top);
      held.y = event.clientY;
      row.classList.add("is-dragged");
      scroll();
    });
    handle.addEventListener("pointermove", (event) => {
      if (held?.pointer !== event.pointerId) return;
      held.y = event.clientY;
      follow();
    });
    handle.addEventListener("pointerup", (event) => {
      if (held?.pointer !== event.pointerId) return;
      letGo(rows().indexOf(row) === held.before.indexOf(row) ? "" : labels.dropped);
    });
    handle.addEventListener("pointercancel", (event) => {
      if (held?.pointer === event.pointerId) takeBack();
    });
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=up], button[name=down], button[name=top]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest(".order-row");
    const at = rows().indexOf(row);
    step(row, { up: at - 1, down: at + 1, top: 0 }[button.name]);
  });
  form.querySelector(".order-undo").addEventListener("click", () => {
    list.append(...saved);
    refresh();
    status.textContent = labels.undone;
    saved[0].querySelector(".order-handle").focus();
  });
  form.addEventListener("submit", () => {
    leaving = true;
  });
}

// Which rows the home page will show: as many as now, each article once.
function markHome() {
  const placed = new Set();
  for (const board of all.querySelectorAll(".order-board")) {
    let left = Number(board.dataset.home);
    for (const row of board.querySelectorAll(".order-row")) {
      const { status, article } = row.dataset;
      const isOnHome = left > 0 && status === "shown" && !placed.has(article);
      if (isOnHome) {
        placed.add(article);
        left -= 1;
      }
      row.classList.toggle("is-on-home", isOnHome);
      row.querySelector(".order-home").hidden = !isOnHome;
    }
  }
}
