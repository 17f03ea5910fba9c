// Sends dropped files to the app, a slice at a time. After a lost connection it asks how far a file is and goes on.
// One sender for the whole tab: it goes on while another page of the app is looked at, and the field finds it again.
// Names are the person's own and are set as text only.

const KEPT = "sessionscope-upload"; // the ticket, kept for a reload of the page
const AGAIN_MS = [500, 1000, 2000, 4000, 8000, 15000];
const WINDOW_MS = 6000; // over which the rate is taken
const TELL_MS = 1500; // at most so often is Python told while more is on its way
const MOST_NAMED = 400; // files in one request
const SMALLEST = 256 << 10; // slice; a proxy's own limit may be lower than ours

const sender = (globalThis.sessionscopeUploads ??= {
  rows: [], ticket: "", address: "", slice: 0, running: false, tell: null, draw: null, told: 0, later: null, wait: null,
});

const call = async (method, path = "", body) => {
  const answer = await fetch(sender.address + path, {
    method, headers: { "X-Sessionscope-Ticket": sender.ticket }, body: body && JSON.stringify(body), cache: "no-store",
  });
  const said = answer.status === 204 ? {} : await answer.json();
  return { status: answer.status, ...said };
};

const draw = () => sender.draw?.();

const tell = (now) => { // Python looks at the disk by itself; it only has to know that something changed
  const wait = now ? 0 : Math.max(0, sender.told + TELL_MS - performance.now());
  if (wait) {
    sender.later ??= setTimeout(tell, wait, true);
    return;
  }
  clearTimeout(sender.later);
  sender.later = null;
  sender.told = performance.now();
  sender.tell?.();
};

const put = (row, part) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest(), from = row.sent; // fetch cannot say how much of a slice has gone
  row.request = request;
  request.open("PUT", `${sender.address}/${row.id}?offset=${from}`);
  request.setRequestHeader("X-Sessionscope-Ticket", sender.ticket);
  request.responseType = "json";
  request.timeout = 120000;
  request.upload.onprogress = (event) => { row.shown = from + event.loaded; paced(row); draw(); };
  request.onload = () => resolve({ status: request.status, ...(request.response ?? {}) });
  request.onerror = request.ontimeout = request.onabort = () => reject(new Error("lost"));
  request.send(part);
});

const paced = (row) => {
  const now = performance.now();
  row.paces.push([now, row.shown]);
  while (row.paces.length > 2 && now - row.paces[0][0] > WINDOW_MS) row.paces.shift();
  const [then, bytes] = row.paces[0];
  row.rate = now - then > 400 ? (row.shown - bytes) / (now - then) * 1000 : 0;
};

const pause = (ms) => new Promise((go) => {
  sender.wait = go;
  setTimeout(go, ms);
});
globalThis.addEventListener?.("online", () => sender.wait?.());

const refuse = (row, why) => { row.state = "bad"; row.why = why; };

const send = async (row) => {
  let lost = 0;
  row.state = "sending"; row.paces = []; row.shown = row.sent;
  while (row.sent < row.size && row.state !== "gone") {
    let answer;
    try {
      if (row.why) { // it was lost: how far did it get?
        answer = await call("GET", `/${row.id}`);
      } else {
        answer = await put(row, row.file.slice(row.sent, row.sent + sender.slice));
      }
    } catch {
      if (row.state === "gone") return;
      try {
        await row.file.slice(row.sent, row.sent + 1).arrayBuffer();
      } catch {
        return refuse(row, "The file changed, or went away, while it was sent. Drop it again.");
      }
      row.why = "The connection is lost; it goes on when the app answers."; row.rate = 0; row.paces = [];
      draw();
      await pause(AGAIN_MS[Math.min(lost++, AGAIN_MS.length - 1)]);
      continue;
    }
    if (row.state === "gone") return;
    if (answer.received === undefined) {
      if (answer.status === 410 || answer.status === 404) row.id = null;
      if (answer.status === 413 && !answer.error && sender.slice > SMALLEST) { // a proxy takes less at once
        sender.slice = Math.max(SMALLEST, sender.slice / 4);
        continue;
      }
      if (answer.status >= 502 && answer.status <= 504) { // a proxy speaks, not the app
        row.why = "The connection is lost; it goes on when the app answers.";
        await pause(AGAIN_MS[Math.min(lost++, AGAIN_MS.length - 1)]);
        continue;
      }
      return refuse(row, answer.error ?? `The app answered ${answer.status}.`);
    }
    if (answer.received > row.sent) lost = 0;
    else if (answer.status === 409) await pause(AGAIN_MS[Math.min(lost++, 2)]); // a lost slice is still being written
    row.sent = row.shown = answer.received;
    row.why = "";
    draw();
  }
  if (row.state !== "gone") row.state = "done";
};

const begin = async (rows) => { // makes room for all of them first, so that one hears at once what is too large
  for (let n = 0; n < rows.length; n += MOST_NAMED) {
    const some = rows.slice(n, n + MOST_NAMED);
    let answer;
    try {
      const files = some.map(({ name, size, modified }) => ({ name, size, modified }));
      answer = await call("POST", "", { files });
    } catch {
      some.forEach((row) => refuse(row, "The app does not answer. Drop it again when it runs."));
      continue;
    }
    some.forEach((row, place) => {
      const said = answer.files?.[place];
      if (!said || said.error) return refuse(row, said?.error ?? answer.error);
      row.id = said.id; row.sent = row.shown = said.received;
      row.state = said.received < row.size ? "waiting" : "done";
    });
  }
};

const run = async () => {
  if (sender.running) return;
  sender.running = true;
  try {
    for (;;) {
      const fresh = sender.rows.filter((row) => row.state === "new");
      if (fresh.length) {
        await begin(fresh);
        draw();
        tell(true);
      }
      const next = sender.rows.find((row) => row.state === "waiting");
      if (!next && !sender.rows.some((row) => row.state === "new")) break;
      if (next) await send(next);
      draw();
      tell(false);
    }
  } finally {
    sender.running = false;
    draw();
    tell(true);
  }
};

const add = (files) => {
  for (const file of files) {
    const same = sender.rows.find((row) => row.name === file.name && row.size === file.size && row.modified === file.lastModified);
    if (same && same.state !== "bad") continue;
    if (same) sender.rows.splice(sender.rows.indexOf(same), 1);
    sender.rows.push({ file, id: null, name: file.name, size: file.size, modified: file.lastModified, sent: 0, shown: 0,
      state: "new", why: "", rate: 0, paces: [] });
  }
  draw();
  run();
};

const drop = async (row) => {
  row.state = "gone";
  row.request?.abort();
  sender.wait?.();
  sender.rows = sender.rows.filter((one) => one !== row);
  if (row.id) {
    const answer = await call("DELETE", `/${row.id}`).catch(() => ({}));
    if (answer.error) sender.refused = answer.error;
  }
  draw();
  tell(true);
};

const within = async (items) => { // files of a drop, those inside its folders too
  const found = [], entries = [...items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile?.());
  const walk = async (entry, depth) => {
    if (!entry || entry instanceof File) return entry && found.push(entry);
    if (depth && entry.name.startsWith(".")) return;
    if (entry.isFile) return found.push(await new Promise((take, miss) => entry.file(take, miss)).catch(() => null));
    const reader = entry.createReader();
    for (let part; (part = await new Promise((take) => reader.readEntries(take, () => take([])))).length; ) {
      for (const one of part) await walk(one, depth + 1);
    }
  };
  for (const entry of entries) await walk(entry, 0);
  return found.filter(Boolean);
};

const size = (bytes) => {
  if (bytes < 1000) return bytes === 1 ? "1\u00a0byte" : `${bytes}\u00a0bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000, n = 0;
  while (value >= 999.5 && n < 3) { value /= 1000; n++; }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}\u00a0${units[n]}`;
};

const span = (seconds) => {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes}\u00a0m` : `${Math.floor(minutes / 60)}\u00a0h ${String(minutes % 60).padStart(2, "0")}\u00a0m`;
};

const how = (row) => {
  if (row.why) return row.why;
  if (row.state === "sending") {
    const left = row.rate > 0 ? `, ${size(row.rate)}/s, ${span((row.size - row.shown) / row.rate)} left` : "";
    return `${size(row.shown)} of ${size(row.size)}${left}`;
  }
  return row.state === "done" ? size(row.size) : `${size(row.size)}, waits`;
};

const element = (tag, name, text) => {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
};

// A line stays the same element while its file is sent, so that a click that takes a moment still hits its button.
const line = (row, old) => {
  const made = old ?? element("li", "");
  if (!old) {
    const off = element("button", "", "✕"), bar = element("span", "bar");
    off.type = "button";
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", row.name);
    bar.append(element("i", ""));
    made.append(element("span", "name", row.name), element("span", "how"), off, bar);
  }
  const [, told, off, bar] = made.children, label = ["done", "bad"].includes(row.state) ? "Leave it out" : "Cancel";
  const percent = 100 * row.shown / (row.size || 1);
  made.className = row.state === "bad" ? "bad" : "";
  told.textContent = how(row);
  off.title = label;
  off.setAttribute("aria-label", `${label}: ${row.name}`);
  off.onclick = () => drop(row);
  bar.hidden = !["sending", "waiting", "part"].includes(row.state);
  bar.setAttribute("aria-valuenow", Math.round(percent));
  bar.firstChild.style.width = `${percent}%`;
  return made;
};

const merged = (data) => { // what Python knows of, and what it cannot know yet
  const own = new Map(sender.rows.filter((row) => row.id).map((row) => [row.id, row]));
  const known = data.files.map((file) => own.get(file.id) ?? {
    ...file, sent: file.received, shown: file.received, state: file.received < file.size ? "part" : "done",
    why: file.received < file.size ? `${size(file.received)} of ${size(file.size)} are here: drop it again, and it goes on.` : "",
  });
  const ids = new Set(data.files.map((file) => file.id));
  return [...known, ...sender.rows.filter((row) => !ids.has(row.id))];
};

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const box = parentElement.querySelector(".drop"), input = box.querySelector("input"), list = box.querySelector("ul");
  const told = box.querySelector(".told");
  box.querySelector("small").textContent = data.words;
  sender.address = new URL(data.address, location.href).href.replace(/\/$/, "");
  sender.slice ||= data.slice;

  // Brought in, or removed elsewhere: what Python knew once and does not know any more.
  const ids = new Set(data.files.map((file) => file.id));
  sender.rows = sender.rows.filter((row) => row.state !== "done" || ids.has(row.id) || !row.known);
  sender.rows.forEach((row) => { row.known ||= ids.has(row.id); });

  const kept = sessionStorage.getItem(KEPT);
  if (sender.ticket !== data.ticket) {
    const before = kept && kept !== data.ticket && !sender.rows.length ? kept : "";
    sender.ticket = before || data.ticket;
    const begin = () => {
      sender.ticket = data.ticket;
      sessionStorage.setItem(KEPT, data.ticket);
      for (const row of sender.rows) { // the app was started again: what is still at hand is sent anew
        Object.assign(row, { id: null, sent: 0, shown: 0, state: "new", why: "", known: false });
      }
      if (sender.rows.length) run();
    };
    if (before) { // the page was loaded again: go on with what was dropped before
      call("GET").then((answer) => {
        if (answer.status === 200 && answer.files.length) setStateValue("ticket", before);
        else begin();
      }).catch(begin);
    } else begin();
  }

  let planned = 0;
  const show = () => {
    planned = 0;
    const rows = merged(data), going = rows.filter((row) => ["new", "waiting", "sending"].includes(row.state));
    const before = new Map([...list.children].map((one) => [one.row, one]));
    const lines = rows.map((row) => {
      const key = `${row.name}/${row.size}/${row.modified}`, made = line(row, before.get(key));
      made.row = key;
      return made;
    });
    if (rows.length > 3 && going.length) {
      const good = rows.filter((row) => row.state !== "bad"), there = good.filter((row) => row.state === "done");
      const bytes = (part) => size(good.reduce((total, row) => total + row[part], 0));
      const sum = before.get("") ?? element("li", "all");
      sum.row = "";
      sum.textContent = `${there.length} of ${good.length} files, ${bytes("shown")} of ${bytes("size")}`;
      lines.unshift(sum);
    }
    if (lines.length !== list.children.length || lines.some((one, n) => one !== list.children[n])) list.replaceChildren(...lines);
    list.hidden = !rows.length;
    if (sender.refused) { told.textContent = sender.refused; sender.refused = ""; }
    else told.textContent = going.length ? "" : rows.filter((row) => row.why).map((row) => `${row.name}: ${row.why}`).join(" ");
  };
  sender.draw = () => { planned ||= requestAnimationFrame(show); };
  sender.tell = () => setTriggerValue("changed", Date.now());
  show();

  input.onchange = () => { add([...input.files]); input.value = ""; };
  box.ondragover = (event) => { event.preventDefault(); box.classList.add("over"); };
  box.ondragleave = (event) => { if (!box.contains(event.relatedTarget)) box.classList.remove("over"); };
  box.ondrop = async (event) => {
    event.preventDefault();
    box.classList.remove("over");
    add(await within(event.dataTransfer.items));
  };
  const leave = (event) => {
    if (sender.rows.some((row) => row.state === "sending" || row.state === "waiting")) event.preventDefault();
  };
  window.addEventListener("beforeunload", leave);
  return () => {
    window.removeEventListener("beforeunload", leave);
    if (planned) cancelAnimationFrame(planned);
    sender.draw = sender.tell = null;
  };
}
