// The steps of a funnel, a row each. Python gives words and counts; the browser tells what was done with a row: open,
// move (by dragging, or Alt and an arrow key), copy, drop. Names come from data, so they are set as text only.

const COPY = // two sheets; letters for it are missing from many fonts
  '<svg viewBox="0 0 16 16" width="13" height="13" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true">' +
  '<rect x="5.5" y="5.5" width="8" height="8" rx="1"/><path d="M10.5 3.5v-1h-8v8h1"/></svg>';
const kept = new WeakMap(); // which part of which row has the focus, for when Python has sent the rows anew

export default function ({ data, parentElement, setTriggerValue }) {
  let me = kept.get(parentElement);
  if (!me) kept.set(parentElement, (me = { focus: null }));
  const list = parentElement.querySelector("ol"), told = parentElement.querySelector(".told");
  parentElement.querySelector(".heads .did").textContent = data.did;
  parentElement.querySelector(".heads .came").textContent = data.came;

  const active = list.getRootNode().activeElement;
  if (!me.focus && active && list.contains(active)) {
    me.focus = { n: [...list.children].indexOf(active.closest("li")), part: active.classList[0] };
  }

  const make = (tag, name, text, label) => {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    if (label) made.title = label;
    if (label && tag === "button") made.setAttribute("aria-label", label);
    if (tag === "button") made.type = "button";
    return made;
  };

  const does = (what, n, to = n) => {
    list.classList.add("waiting");
    setTriggerValue("did", { what, n: n + 1, to: to + 1 });
  };

  const move = (n, to, part) => {
    if (to < 0 || to >= list.children.length || to === n) return;
    const row = list.children[n];
    list.insertBefore(row, list.children[to + (to > n ? 1 : 0)] ?? null);
    [...list.children].forEach((one, place) => (one.querySelector(".n").textContent = place + 1));
    me.focus = { n: to, part };
    row.querySelector(`.${part}`).focus();
    told.textContent = `${data.steps[n].name} is now step ${to + 1} of ${data.steps.length}`;
    does("move", n, to);
  };

  const drag = (event, row) => {
    if (event.button) return;
    event.preventDefault();
    const rows = [...list.children], n = rows.indexOf(row), grip = event.currentTarget;
    const tops = rows.map((one) => one.offsetTop), height = row.offsetHeight, middle = tops[n] + height / 2;
    let to = n;
    grip.focus();
    grip.setPointerCapture(event.pointerId);
    row.classList.add("moving");
    const follow = (now) => {
      const by = now.clientY - event.clientY;
      row.style.transform = `translateY(${by}px)`;
      to = rows.filter((one, place) => place !== n && tops[place] + one.offsetHeight / 2 < middle + by).length;
      rows.forEach((one, place) => {
        if (place === n) return;
        const shift = place > n && place <= to ? -height : place < n && place >= to ? height : 0;
        one.style.transform = shift ? `translateY(${shift}px)` : "";
      });
    };
    const end = (last) => {
      grip.removeEventListener("pointermove", follow);
      rows.forEach((one) => (one.style.transform = ""));
      row.classList.remove("moving");
      if (last.type === "pointerup") move(n, to, "grip");
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", end, { once: true });
    grip.addEventListener("pointercancel", end, { once: true });
  };

  const drawn = data.steps.map((step, n) => {
    const row = make("li", n + 1 === data.open ? "open" : "", "");
    const what = make("div", "what", "");
    const grip = make("button", "grip", "⠿", `Move step ${n + 1}, ${step.name}: drag it, or press Alt and an arrow key`);
    const name = make("button", "name", step.name);
    name.title = "Change this step";
    name.setAttribute("aria-expanded", n + 1 === data.open);
    if (step.notes) name.append(make("span", "notes", step.notes));
    what.append(grip, make("span", "n", n + 1), name);
    const did = make("span", step.did === "0" ? "did none" : "did", step.did);
    const came = make("span", "came", step.came);
    if (step.share) came.append(make("span", "share", `\u2002${step.share}`));
    const tools = make("div", "tools", "");
    const copy = make("button", "copy", "", `Take step ${n + 1}, ${step.name}, twice`);
    const drop = make("button", "drop", "✕", `Remove step ${n + 1}, ${step.name}`);
    copy.innerHTML = COPY;
    tools.append(copy, drop);
    row.append(what, did, came, tools);
    const here = () => [...list.children].indexOf(row); // it may have been moved since
    grip.addEventListener("pointerdown", (event) => drag(event, row));
    name.addEventListener("click", () => does("open", here()));
    copy.addEventListener("click", () => ((me.focus = { n: here() + 1, part: "name" }), does("copy", here())));
    drop.addEventListener("click", () => ((me.focus = { n: Math.max(0, here() - 1), part: "name" }), does("drop", here())));
    row.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by || !event.altKey) return;
      event.preventDefault();
      move(here(), here() + by, event.target.classList[0]);
    });
    return row;
  });
  list.classList.remove("waiting");
  list.replaceChildren(...drawn);
  if (me.focus) {
    list.children[me.focus.n]?.querySelector(`.${me.focus.part}`)?.focus({ preventScroll: true });
    me.focus = null;
  }
}
