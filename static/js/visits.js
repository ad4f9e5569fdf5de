/* Reports that this page is being read, and brings the visit counter up to date.
   Needs: this script's data-visit (page token) and data-visit-to; optionally
   [data-visits] with the counter. Without it the picture in <noscript> reports, and
   the counter keeps the numbers of the rendering with their time. No cookie is sent. */

const { visit: token, visitTo: to } = document.querySelector("[data-visit]").dataset;
const counter = document.querySelector("[data-visits]");
const part = (name) => counter?.querySelector(`[data-visits-${name}]`);
const printed = {
  y: counter?.dataset.visits,
  d: part("today")?.dataset.visitsToday,
  t: part("total")?.dataset.visitsTotal,
};

/* As Intl.NumberFormat writes Vietnamese, which takes a phone 100 ms to wake up. */
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ".");

/* Never less than this tab has shown for the same day. */
function show(now) {
  try {
    const seen = JSON.parse(sessionStorage.visits || "{}");
    for (const old of [printed, seen]) {
      if (old.y === now.y) {
        now = { y: now.y, d: Math.max(now.d, old.d), t: Math.max(now.t, old.t) };
      }
    }
    sessionStorage.visits = JSON.stringify(now);
  } catch {}
  part("today").textContent = grouped(now.d);
  part("total").textContent = grouped(now.t);
}

async function report() {
  try {
    const answer = await fetch(to, {
      method: "POST",
      body: JSON.stringify({
        p: token,
        r: document.referrer.split("/")[2] || "",
        w: navigator.webdriver ? 1 : 0,
      }),
      keepalive: true,
      credentials: "omit",
    });
    if (counter && answer.status === 200) {
      show(await answer.json());
      part("time")?.remove();
    }
  } catch {}
}

function whenSeen() {
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", whenSeen, { once: true });
  } else if (document.hidden) {
    document.addEventListener("visibilitychange", whenSeen, { once: true });
  } else {
    report();
  }
}

if (top === self && !/(^|; )nocount=1/.test(document.cookie)) {
  if (counter) show(printed);
  whenSeen();
  addEventListener("pageshow", (event) => event.persisted && whenSeen());
}
