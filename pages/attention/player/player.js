// The player of one session. Python gives `columns`, an Arrow table with a row an event (gap, kind, say, flag, page, x, y,
// beside, top, view), the words, pages, views and colours; the browser animates, and tells Python only where it was
// stopped. Whatever comes from data is text: set with textContent or drawn on the canvas, never read as markup.
// Nothing that happens in every frame takes longer in a longer session.

const LONG = 8000, FOLDED = 3000; // ms: pauses longer than this are played as if they were the shorter
const ROW = 26, AROUND = 12; // px of a row of the list; rows kept ready above and below what is seen
const AXIS = { height: 94, tick: 28, band: 34, thick: 22, clock: 72, pause: 88 };
const STAYS = 30000, RING = 900, BUBBLE = 6000; // ms that a trail, a ring and a complaint are seen
const TRAIL = 240, BACK = 3000, SHADES = 8; // places of a trail; events that it is looked for in; steps of its fading
const NOWHERE = -1;
const SPEEDS = [1, 2, 4, 8, 16];
const REMEMBERED = "sessionscope-player-gaps";
const MARKS = { view: "■", click: "◦", scroll: "↕", move: "·", type: "✎\ufe0e", focus: "·", send: "↵", leave: "→", refusal: "!", failure: "✕", own: "◆" };
const players = new WeakMap(); // what survives when Python sends new data: moment, speed, loaded pictures

const remembered = () => {
  try {
    return window.sessionStorage.getItem(REMEMBERED);
  } catch (forbidden) {
    return null;
  }
};
const remember = (what) => {
  try {
    window.sessionStorage.setItem(REMEMBERED, what);
  } catch (forbidden) {} // then it is as usual on the next page
};

export default function ({ data, parentElement, setStateValue }) {
  let me = players.get(parentElement);
  if (!me) players.set(parentElement, (me = { speed: 2, images: new Map(), scale: remembered() === "scale", query: "" }));
  if (me.session !== data.session || me.start !== data.start) {
    Object.assign(me, { session: data.session, start: data.start, at: data.start, playing: false, shown: -1, chosen: undefined });
  }
  Object.assign(me, { axis: null, laid: false, box: null, touches: null }); // drawn anew from the new data

  const column = (name) => data.columns.getChild(name).toArray();
  const [gapOf, kindOf, sayOf, flagOf, pageOf, xs, ys, beside, tops, viewOf] = [
    "gap", "kind", "say", "flag", "page", "x", "y", "beside", "top", "view",
  ].map(column);
  const { kinds, words, pages, views, flags, colours, troubles } = data;
  const t = new Float64Array(gapOf.length); // ms since the start, of each event
  for (let n = 1; n < t.length; n++) t[n] = t[n - 1] + gapOf[n];
  const count = t.length, end = t[count - 1];
  const find = (selector) => parentElement.querySelector(selector);
  const root = find(".player"), canvas = find("canvas"), list = find(".events"), svg = find(".axis");
  const kind = (n) => kinds[kindOf[n]];
  const flag = (n) => (flagOf[n] < 0 ? null : flags[flagOf[n]]);
  const placed = (n) => xs[n] !== NOWHERE;
  const VIEW = kinds.indexOf("view"), MOVE = kinds.indexOf("move"), FAILURE = kinds.indexOf("failure"), REFUSAL = kinds.indexOf("refusal");
  const failed = (n) => kindOf[n] === FAILURE || kindOf[n] === REFUSAL;
  const wrong = []; // every moment that went wrong: flagged, an error, a refusal
  for (let n = 0; n < count; n++) if (flagOf[n] >= 0 || failed(n)) wrong.push(n);
  const wide = data.screen[0] > data.screen[1];
  root.style.setProperty("--muted", colours.muted);
  root.classList.toggle("wide", wide && data.stage);
  root.classList.toggle("bare", !data.stage);
  root.classList.toggle("long", end >= 3600000);
  find(".flags").disabled = !wrong.length;
  me.at = Math.max(0, Math.min(end, me.at));

  // ---- words ------------------------------------------------------------------------------------------------------
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const clock = (ms) => {
    const s = Math.floor(ms / 1000), m = Math.floor(s / 60);
    return m < 60 ? `${m}:${two(s % 60)}` : `${Math.floor(m / 60)}:${two(m % 60)}:${two(s % 60)}`;
  };
  const length = (ms) => {
    if (ms < 9950) return `${(ms / 1000).toFixed(1)}\u00a0s`;
    const s = Math.round(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60);
    return h ? `${h}\u00a0h ${two(m % 60)}\u00a0m` : m ? `${m}\u00a0m ${two(s % 60)}\u00a0s` : `${s}\u00a0s`;
  };
  const grouped = (n) => n.toLocaleString("en");

  // ---- time: real ms <-> folded ms, straight between events -------------------------------------------------------
  const lastUpTo = (values, value, high = values.length - 1) => { // index of the last one that is not greater, 0 at least
    let low = 0;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (values[middle] <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const folding = (longest, folded) => { // the folded moment of each event
    const knots = new Float64Array(count);
    for (let n = 1; n < count; n++) knots[n] = knots[n - 1] + (t[n] - t[n - 1] > longest ? folded : t[n] - t[n - 1]);
    return knots;
  };
  const pauses = [];
  for (let n = 1; n < count; n++) if (t[n] - t[n - 1] > data.fold) pauses.push(n);
  const folded = { played: folding(LONG, FOLDED), shown: folding(data.fold, (data.fold * FOLDED) / LONG) };
  const knots = () => (me.scale ? { played: t, shown: t } : folded);
  const convert = (from, to, value) => {
    if (from === to) return value;
    const n = Math.min(lastUpTo(from, value), count - 2);
    if (n < 0) return 0;
    const share = from[n + 1] > from[n] ? (value - from[n]) / (from[n + 1] - from[n]) : 1;
    return to[n] + (to[n + 1] - to[n]) * Math.min(1, Math.max(0, share));
  };
  const current = () => (me.chosen !== undefined && t[me.chosen] === me.at ? me.chosen : lastUpTo(t, me.at));

  // ---- stage ------------------------------------------------------------------------------------------------------
  const pen = canvas.getContext("2d");
  for (const source of me.images.keys()) if (!data.pictures.includes(source)) me.images.delete(source);
  for (const source of data.pictures) {
    if (me.images.has(source)) continue;
    const image = new Image();
    me.images.set(source, image);
    image.onload = () => me.draw();
    image.src = source;
  }

  function size() { // of the stage in CSS pixels; the canvas itself has the screen's. Known until something is resized
    if (me.box) return me.box;
    const full = root.matches(":fullscreen"), [width, height] = data.screen;
    const below = [".bar", ".axis", ".gaps", ".address"].reduce((sum, one) => {
      const { height } = find(one).getBoundingClientRect();
      return sum + (height ? height + 12 : 0);
    }, 0);
    let across = canvas.clientWidth || 312, tall = Math.min(wide ? 460 : 560, (across * height) / width);
    if (full) {
      tall = Math.max(240, window.innerHeight - 44 - 22 - below);
      across = Math.min(window.innerWidth * 0.62, (tall * width) / height);
      tall = Math.min(tall, (across * height) / width);
      root.style.setProperty("--across", `${Math.round(across)}px`);
    }
    const sharp = Math.max(1, window.devicePixelRatio || 1);
    canvas.style.height = `${tall}px`;
    const room = full ? window.innerHeight - 44 - below - 34 : data.stage ? tall + 22 - 34 : 16 * ROW;
    const rows = Math.max(data.stage ? 10 : 3, Math.floor(room / ROW)); // whole ones
    list.style.height = `${(data.stage || full ? rows : Math.max(3, Math.min(rows, me.rowCount))) * ROW}px`;
    if (canvas.width !== Math.round(across * sharp) || canvas.height !== Math.round(tall * sharp)) {
      canvas.width = Math.round(across * sharp);
      canvas.height = Math.round(tall * sharp);
    }
    me.face = getComputedStyle(root).fontFamily;
    me.seen = list.clientHeight;
    return (me.box = [across, tall, sharp]);
  }

  function topAt(n) { // the page's first visible pixel, gliding after a scroll while it plays
    const since = me.at - t[n];
    if (!me.playing || n === 0 || since >= 400 || pageOf[n] !== pageOf[n - 1] || kindOf[n] === VIEW) return tops[n];
    const share = since / 400;
    return tops[n - 1] + (tops[n] - tops[n - 1]) * share * (2 - share);
  }

  function drawPage(page, top, screen) {
    const image = page.picture === null ? null : me.images.get(data.pictures[page.picture]);
    if (image?.complete && image.naturalWidth) {
      pen.globalAlpha = page.drawn ? 1 : 0.7; // photographed pages step back behind what people did
      pen.drawImage(image, 0, -top, page.width, page.height);
      pen.globalAlpha = 1;
      return;
    }
    pen.strokeStyle = colours.rule;
    pen.fillStyle = colours.muted;
    pen.lineWidth = 1 / screen.scale;
    pen.font = `${12 / screen.scale}px ${me.face}`;
    pen.textAlign = "center";
    for (const [x, y, w, h, name] of page.sketch) {
      if (y + h < top || y > top + screen.height) continue;
      pen.beginPath();
      pen.roundRect(x, y - top, w, h, 5);
      pen.stroke();
      pen.fillText(name, x + w / 2, y - top + h / 2 + 4 / screen.scale);
    }
    pen.textAlign = "start";
  }

  function touchesOf(n) { // the last places on this page, oldest first: few enough to draw, however dense the moves
    if (me.touches?.n === n) return me.touches.found;
    const found = [];
    for (let i = n; i >= 0 && n - i < BACK && found.length < TRAIL && t[n] - t[i] < STAYS && pageOf[i] === pageOf[n]; i--) {
      if (placed(i)) found.push(i);
    }
    me.touches = { n, found: found.reverse() };
    return me.touches.found;
  }

  function drawTrail(touches, top, unit) { // dotted from touch to touch, a line where the pointer was seen; older is fainter
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = colours.trail;
    pen.lineWidth = 2 * unit;
    let style = null;
    for (let i = 1; i < touches.length; i++) {
      const a = touches[i - 1], b = touches[i], y1 = ys[a] - top, y2 = ys[b] - top, moved = kindOf[b] === MOVE;
      const shade = Math.round(Math.max(0.15, 0.8 - (me.at - t[b]) / STAYS) * SHADES);
      if (style !== shade * 2 + moved) { // one stroke for all that look alike
        if (style !== null) pen.stroke();
        style = shade * 2 + moved;
        pen.globalAlpha = shade / SHADES;
        pen.setLineDash(moved ? [] : [unit, 5 * unit]);
        pen.beginPath();
        pen.moveTo(xs[a], y1);
      }
      if (moved) pen.lineTo(xs[b], y2);
      else pen.quadraticCurveTo((xs[a] + xs[b]) / 2 + (y2 - y1) * 0.12, (y1 + y2) / 2, xs[b], y2);
    }
    if (style !== null) pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function drawTouches(touches, top, unit, screen) { // a dot that stays a while, and a ring that runs out
    pen.lineWidth = 2 * unit;
    for (const n of touches) {
      if (kindOf[n] === MOVE) continue;
      const age = me.at - t[n], strength = Math.max(0.35, 1 - age / (STAYS / 2)), x = xs[n], y = ys[n] - top;
      pen.strokeStyle = pen.fillStyle = flag(n)?.colour ?? colours.trail;
      pen.globalAlpha = strength;
      if (beside[n]) {
        drawBeside(x, y, unit, screen);
        continue;
      }
      pen.beginPath();
      pen.arc(x, y, 7 * unit, 0, 7);
      pen.globalAlpha = strength * 0.35;
      pen.fill();
      pen.globalAlpha = strength;
      pen.stroke();
      if (age >= RING) continue;
      pen.globalAlpha = 1 - age / RING;
      pen.beginPath();
      pen.arc(x, y, (9 + (26 * age) / RING) * unit, 0, 7);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  function drawBeside(x, y, unit, screen) { // it happened off the page: an arrow at the edge, pointing there
    const angle = x <= 0 ? Math.PI : x >= screen.width ? 0 : y <= 0 ? -Math.PI / 2 : Math.PI / 2;
    pen.save();
    pen.translate(Math.max(3 * unit, Math.min(screen.width - 3 * unit, x)), Math.max(3 * unit, Math.min(screen.height - 3 * unit, y)));
    pen.rotate(angle);
    pen.beginPath();
    pen.moveTo(0, 0);
    pen.lineTo(-13 * unit, -8 * unit);
    pen.lineTo(-13 * unit, 8 * unit);
    pen.closePath();
    pen.fill();
    pen.restore();
  }

  function drawPointer(n, touches, top, unit) { // where the pointer is: at the last place, on its way just before the next
    if (data.touch || !touches.length) return;
    const last = touches[touches.length - 1];
    let x = xs[last], y = ys[last], next = n + 1;
    while (next < count && !placed(next) && t[next] - me.at < 600) next++;
    if (next < count && placed(next) && pageOf[next] === pageOf[last] && t[next] - me.at < 400) {
      const share = 1 - (t[next] - me.at) / Math.min(400, t[next] - t[last] || 1);
      x += (xs[next] - x) * Math.max(0, share);
      y += (ys[next] - y) * Math.max(0, share);
    }
    pen.save();
    pen.translate(x, y - top);
    pen.scale(unit, unit);
    pen.beginPath();
    for (const [dx, dy] of [[0, 0], [0, 16], [4.2, 12.4], [7, 18.4], [9.6, 17.2], [6.8, 11.4], [12, 11]]) pen.lineTo(dx, dy);
    pen.closePath();
    pen.fillStyle = colours.ink;
    pen.strokeStyle = colours.paper;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.fill();
    pen.restore();
  }

  const begins = troubles.map(({ at }) => at[0]);
  function drawComplaint(n, top, screen) { // says on the spot what is wrong with the presses so far
    if (!troubles.length) return;
    const trouble = troubles[lastUpTo(begins, n)], pressed = lastUpTo(trouble.at, n) + 1, last = trouble.at[pressed - 1];
    if (last > n || !placed(last) || pageOf[last] !== pageOf[n] || me.at - t[last] > BUBBLE) return;
    const flagged = trouble.at.slice(0, Math.min(pressed, TRAIL)).map(flag).filter(Boolean);
    if (!flagged.length) return;
    const mark = flags[trouble.flag], dead = flagged.some(({ name }) => name === "dead" || name === "rage");
    const many = pressed > 1 ? `${grouped(pressed)} presses in ${length(t[last] - t[trouble.at[0]])}` : "pressed";
    const unit = 1 / screen.scale, said = `${mark.glyph} ${many}`;
    pen.font = `600 ${12 * unit}px ${me.face}`;
    const whole = `${said}, ${dead ? flags.find((f) => f.name === "dead").note : mark.note}`;
    const text = pen.measureText(whole).width + 28 * unit < screen.width ? whole : said;
    const w = pen.measureText(text).width + 16 * unit, h = 24 * unit, margin = 6 * unit;
    const x = Math.max(margin, Math.min(screen.width - w - margin, xs[last] - w / 2));
    const above = ys[last] - top - 22 * unit - h;
    const y = above > margin ? above : ys[last] - top + 22 * unit;
    pen.fillStyle = colours.paper;
    pen.strokeStyle = mark.colour;
    pen.lineWidth = 1.5 * unit;
    pen.beginPath();
    pen.roundRect(x, y, w, h, 4 * unit);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colours.ink;
    pen.fillText(text, x + 8 * unit, y + 16 * unit);
  }

  function drawStage(n) { // the window as it was at this event, whole and as large as fits: it may be turned or zoomed
    if (!data.stage) return;
    const [across, tall, sharp] = size(), [width, height, ...inner] = views[viewOf[n]], scale = Math.min(across / width, tall / height);
    const screen = { width, height, scale }, top = topAt(n), left = (across - width * scale) / 2, above = (tall - height * scale) / 2;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, across, tall);
    pen.save();
    pen.translate(left, above);
    pen.scale(scale, scale);
    pen.beginPath();
    pen.rect(0, 0, width, height);
    pen.fillStyle = colours.panel;
    pen.fill();
    pen.clip();
    drawPage(pages[pageOf[n]], top, screen);
    const touches = touchesOf(n);
    drawTrail(touches, top, 1 / scale);
    drawTouches(touches, top, 1 / scale, screen);
    drawPointer(n, touches, top, 1 / scale);
    drawComplaint(n, top, screen);
    pen.restore();
    if (left > 1 || above > 1) { // not the usual window: its own edge
      pen.strokeStyle = colours.context;
      pen.lineWidth = 1;
      pen.strokeRect(left + 0.5, above + 0.5, width * scale - 1, height * scale - 1);
    }
    const shown = `${pageOf[n]} ${viewOf[n]}`;
    if (me.where === shown) return;
    me.where = shown;
    find(".where .page").textContent = pages[pageOf[n]].name;
    find(".where .screen").textContent = inner.join(" × ");
  }

  // ---- event list: only the rows that are seen exist ---------------------------------------------------------------
  function layRows() { // rowOf[n] is the row of event n; a row between two is the pause before the later one
    me.laid = true;
    me.rowOf = new Int32Array(count);
    let r = 0;
    for (let n = 0; n < count; n++) {
      if (n && t[n] - t[n - 1] > LONG) r++;
      me.rowOf[n] = r++;
    }
    me.rowCount = r;
    const spacer = document.createElement("li");
    spacer.className = "spacer";
    spacer.setAttribute("aria-hidden", "true");
    spacer.style.height = `${r * ROW}px`;
    list.replaceChildren(spacer);
    me.live = new Map();
    me.shown = -1;
    me.where = null;
  }

  function makeRow(r) {
    const li = document.createElement("li"), before = lastUpTo(me.rowOf, r), n = me.rowOf[before] === r ? before : before + 1;
    const part = (tag, name, text, colour) => {
      const element = document.createElement(tag);
      element.className = name;
      element.textContent = text;
      if (colour) element.style.color = colour;
      li.append(element);
    };
    li.style.top = `${r * ROW}px`;
    if (n !== before) {
      li.className = "pause";
      for (const [name, text] of [["", ""], ["mark", "⋮"], ["what", `nothing for ${length(t[n] - t[n - 1])}`]]) part("span", name, text);
      return { li, n: -1 };
    }
    const what = kind(n), mark = flag(n), text = words[sayOf[n]];
    li.className = what;
    part("time", "", clock(t[n]));
    part("span", "mark", mark?.glyph ?? MARKS[what], mark?.colour ?? (failed(n) ? colours[what] : what === "view" ? pages[pageOf[n]].colour : colours.muted));
    part("span", "what", text);
    part("span", "note", mark ? mark.note : beside[n] ? "beside the page" : "");
    li.title = text;
    li.setAttribute("aria-setsize", count);
    li.setAttribute("aria-posinset", n + 1);
    li.onclick = () => go(t[n], n);
    return { li, n };
  }

  function drawList() {
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - AROUND);
    const to = Math.min(me.rowCount, Math.ceil((list.scrollTop + me.seen) / ROW) + AROUND);
    for (const [r, { li }] of me.live) {
      if (r >= from && r < to) continue;
      li.remove();
      me.live.delete(r);
    }
    for (let r = from; r < to; r++) {
      let row = me.live.get(r);
      if (!row) {
        me.live.set(r, (row = makeRow(r)));
        list.append(row.li);
      }
      const now = row.n === me.shown;
      if (row.now !== now) {
        row.now = now;
        row.li.classList.toggle("now", now);
        if (now) row.li.setAttribute("aria-current", "true");
        else row.li.removeAttribute("aria-current");
      }
      if (row.query !== me.query) {
        row.query = me.query;
        row.li.classList.toggle("hit", row.n >= 0 && !!me.hits?.[sayOf[row.n]]);
      }
    }
  }

  function follow(n) { // the present event stays about two thirds down, on whole rows
    if (me.shown === n) return;
    me.shown = n;
    const y = me.rowOf[n] * ROW, top = list.scrollTop;
    if (y < top + ROW || y > top + me.seen * 0.75) list.scrollTop = Math.max(0, Math.round((y - me.seen * 0.6) / ROW) * ROW);
    drawList();
    if (me.query) tellFound();
  }

  // ---- finding: what is looked for in the words, which are few; where they were said is then counted ----------------
  function seekWords(query) {
    me.query = query.trim().toLowerCase();
    me.hits = me.query ? words.map((word) => word.toLowerCase().includes(me.query)) : null;
    me.found = [];
    if (me.hits) for (let n = 0; n < count; n++) if (me.hits[sayOf[n]]) me.found.push(n);
    root.classList.toggle("seeking", !!me.query);
    tellFound();
    drawList();
  }

  function tellFound() {
    const here = me.hits && me.hits[sayOf[me.shown]] ? `${grouped(lastUpTo(me.found, me.shown) + 1)} of ` : "";
    find(".found").textContent = !me.query ? "" : me.found.length ? here + grouped(me.found.length) : "none";
  }

  function nextFound(by) {
    if (!me.found?.length) return;
    const n = beyond(me.found, current(), by);
    go(t[n], n);
  }

  function beyond(places, now, by) { // the next of these events, or the one before; around the end to the other
    const last = lastUpTo(places, now), none = places[last] > now; // none is up to now
    const at = by > 0 ? (none ? 0 : last + 1) : none ? -1 : places[last] === now ? last - 1 : last;
    return places[(at + places.length) % places.length];
  }

  // ---- time axis --------------------------------------------------------------------------------------------------
  function make(name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    svg.append(element);
    return element;
  }

  function fit(names, x, y, room) { // the first of the names that fits, or nothing: rather no label than a cut one
    for (const name of names) {
      const label = make("text", { x, y }, name);
      if (label.getComputedTextLength() <= room) return label;
      label.remove();
    }
    return null;
  }

  function stays() { // [first event, page] of each stay on a page
    const found = [];
    for (let n = 0; n < count; n++) if (n === 0 || pageOf[n] !== pageOf[n - 1] || kindOf[n] === VIEW) found.push([n, pages[pageOf[n]]]);
    return found;
  }

  function drawStays(width) {
    const { band, thick } = AXIS, all = stays();
    const middles = me.scale ? [] : pauses.map((n) => (xAt(t[n - 1]) + xAt(t[n])) / 2);
    const last = clock(end), room = width - 14 - last.length * 7;
    let clear = -1, drawn = -1, cut = 0; // where the next clock may start, where the last stay ends
    all.forEach(([n, page], i) => {
      const left = xAt(t[n]), right = i + 1 < all.length ? xAt(t[all[i + 1][0]]) : width - 1;
      if (right < drawn + 1 && i + 1 < all.length) return; // thinner than a pixel
      drawn = right;
      const across = Math.max(1, right - left - 1.5);
      make("rect", { x: left, y: band, width: across, height: thick, fill: page.colour, "fill-opacity": 0.26 });
      make("rect", { x: left, y: band, width: across, height: 3, fill: page.colour });
      while (cut < middles.length && middles[cut] <= left) cut++;
      const names = [page.name, page.name.slice(page.name.lastIndexOf("/"))];
      const inside = [];
      for (let k = cut; k < middles.length && middles[k] < right; k++) inside.push(middles[k]);
      const edges = [left, ...inside, right];
      for (let k = 0; k + 1 < edges.length; k++) {
        const from = edges[k] + (k ? 10 : 5), free = edges[k + 1] - from - (k + 1 < edges.length - 1 ? 9 : 4);
        if (free > 24 && fit(names, from, band + 17, free)) break;
      }
      if (left > clear && left + clock(t[n]).length * 7 < room) clear = left + make("text", { x: left, y: AXIS.clock, class: "quiet" }, clock(t[n])).getComputedTextLength() + 10;
    });
    make("text", { x: width - 1, y: AXIS.clock, class: "quiet", "text-anchor": "end" }, last);
    let bolted = -99, said = -99;
    middles.forEach((m, k) => {
      const bolt = (at) => `M${at} ${band - 1}l4 6-4 6 4 6-4 6`;
      if (m - bolted < 12) return;
      bolted = m;
      make("rect", { x: m - 5, y: band - 1, width: 10, height: thick + 2, fill: colours.paper });
      make("path", { d: bolt(m - 5) + bolt(m + 1), fill: "none", stroke: colours.muted });
      const words = make("text", { x: m, y: AXIS.pause, class: "quiet", "text-anchor": "middle" }, length(t[pauses[k]] - t[pauses[k] - 1]));
      const half = words.getComputedTextLength() / 2;
      if (m - half < said + 8 || m - half < 0 || m + half > width) words.remove();
      else said = m + half;
    });
  }

  function drawTicks(width) {
    const plain = new Set(), strokes = new Map(), lastGlyph = {};
    const { shown } = knots(), per = (width - 2) / (shown[count - 1] || 1);
    for (let n = 0; n < count; n++) {
      const bad = failed(n) ? { name: kind(n), glyph: MARKS[kind(n)], colour: colours[kind(n)] } : null, mark = flag(n) ?? bad;
      if (!mark && (kindOf[n] === VIEW || kindOf[n] === MOVE)) continue;
      const at = Math.round(1 + shown[n] * per);
      if (!mark) {
        plain.add(at);
        continue;
      }
      if (!strokes.has(mark.colour)) strokes.set(mark.colour, new Set());
      strokes.get(mark.colour).add(at);
      if (at - (lastGlyph[mark.name] ?? -99) < 11) continue; // of several on one spot only the first gets a glyph
      lastGlyph[mark.name] = at;
      const low = mark.name === "dead" || mark.name === "u_turn";
      make("text", { x: at, y: low ? 21 : 10, "text-anchor": "middle", class: "flag", style: `fill:${mark.colour}` }, mark.glyph);
    }
    make("path", { d: [...plain].map((at) => `M${at} ${AXIS.tick}v6`).join(""), stroke: colours.context });
    for (const [colour, places] of strokes) make("path", { d: [...places].map((at) => `M${at} 23v11`).join(""), stroke: colour, "stroke-width": 1.5 });
  }

  function drawAxis(n) {
    const { shown } = knots();
    if (me.axis === null) {
      const width = svg.clientWidth;
      if (!width) return;
      me.axis = width;
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${width} ${AXIS.height}`);
      drawStays(width);
      drawTicks(width);
      me.head = make("g", {});
      me.head.append(
        make("path", { d: `M0 24V${AXIS.clock - 8}`, stroke: colours.ink, "stroke-width": 2 }),
        make("path", { d: `M-5 ${AXIS.clock - 8}h10l-5-6z`, fill: colours.ink }),
      );
      svg.setAttribute("aria-valuemax", Math.round(end / 1000));
    }
    me.head.setAttribute("transform", `translate(${xAt(me.at)},0)`);
    if (me.told === n) return; // once an event, not in every frame
    me.told = n;
    svg.setAttribute("aria-valuenow", Math.round(me.at / 1000));
    svg.setAttribute("aria-valuetext", `${clock(me.at)}, ${words[sayOf[n]]}`);
  }

  function xAt(ms) {
    const { shown } = knots(), total = shown[count - 1];
    return 1 + (total ? convert(t, shown, ms) / total : 0) * (me.axis - 2);
  }

  // ---- moving -----------------------------------------------------------------------------------------------------
  me.draw = () => {
    if (!me.laid) layRows();
    size();
    const n = current();
    drawStage(n);
    drawAxis(n);
    follow(n);
    find(".clock").textContent = `${length(me.at)} of ${length(end)}`;
  };

  function tell() { // once it rests, not for every step of a held key
    clearTimeout(me.telling);
    me.telling = setTimeout(() => setStateValue("at", Math.round(me.at)), 400);
  }

  function go(ms, n) { // n tells which of several events at one moment is meant
    me.at = Math.max(0, Math.min(end, ms));
    me.chosen = n;
    me.draw();
    if (!me.playing) tell();
  }

  function tick(now) {
    if (!me.playing) return;
    const { played } = knots(), total = played[count - 1];
    const moment = convert(t, played, me.at) + (now - (me.last || now)) * me.speed;
    me.last = now;
    me.at = convert(played, t, Math.min(total, moment));
    me.chosen = undefined;
    me.draw();
    if (moment >= total) play(false);
    else me.frame = requestAnimationFrame(tick);
  }

  function play(on) {
    me.playing = on;
    me.last = 0;
    find(".play").textContent = on ? "Pause" : "Play";
    cancelAnimationFrame(me.frame);
    if (!on) return tell();
    if (me.at >= end) me.at = 0;
    me.frame = requestAnimationFrame(tick);
  }

  function step(by) {
    const n = Math.max(0, Math.min(count - 1, current() + by));
    go(t[n], n);
  }

  function nextFlag(by = 1) {
    if (!wrong.length) return;
    const n = beyond(wrong, current(), by);
    go(t[n], n);
  }

  const speeds = [...parentElement.querySelectorAll(".speeds button")];
  function hurry(speed) {
    me.speed = speed;
    for (const button of speeds) button.setAttribute("aria-pressed", String(Number(button.value) === speed));
  }

  function seek(event) {
    const box = svg.getBoundingClientRect(), { shown } = knots();
    me.at = convert(shown, t, Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * shown[count - 1]);
    me.chosen = undefined;
    me.draw();
  }

  // ---- gaps, link, full screen, help ------------------------------------------------------------------------------
  function gaps(scale) {
    me.scale = scale;
    me.axis = null;
    const foot = find(".gaps");
    foot.hidden = !pauses.length;
    foot.firstElementChild.textContent = scale ? "Pauses are to scale." : `Pauses of more than ${length(data.fold).replace(".0", "")} are folded.`;
    find(".gaps button").textContent = scale ? "Fold them" : "Show them to scale";
    find(".gaps button").setAttribute("aria-pressed", String(scale));
  }

  function turnGaps() {
    if (!pauses.length) return;
    remember(me.scale ? "folded" : "scale");
    gaps(!me.scale);
    me.draw();
  }

  function address() {
    const url = new URL(window.location.href), at = Math.round(me.at);
    url.searchParams.set("session", data.session);
    if (at) url.searchParams.set("at", at);
    else url.searchParams.delete("at");
    return url.href;
  }

  async function copy() {
    const said = find(".copy span"), link = address();
    clearTimeout(me.saying);
    try {
      await navigator.clipboard.writeText(link);
      said.textContent = "Copied";
      root.classList.add("copied");
      find(".address").hidden = true;
      me.saying = setTimeout(() => {
        said.textContent = "Link to this moment";
        root.classList.remove("copied");
      }, 2000);
    } catch (refused) { // no clipboard here: the link to take by hand
      const field = find(".address input");
      find(".address").hidden = false;
      field.value = link;
      field.focus();
      field.select();
    }
    me.box = null;
  }

  const mayFill = document.fullscreenEnabled && !!root.requestFullscreen;
  find(".full").hidden = !mayFill;
  async function fill() {
    if (!mayFill) return;
    try {
      await (root.matches(":fullscreen") ? document.exitFullscreen() : root.requestFullscreen());
    } catch (refused) {
      find(".full").hidden = true;
    }
  }
  const filled = () => {
    find(".full").title = root.matches(":fullscreen") ? "Leave full screen (S, escape)" : "Full screen (S)";
    Object.assign(me, { box: null, axis: null, shown: -1 });
    me.draw();
  };

  function help(on) {
    find(".help").hidden = !on;
    find(".ask").setAttribute("aria-expanded", String(on));
  }

  find(".play").onclick = () => play(!me.playing);
  find(".prev").onclick = () => step(-1);
  find(".next").onclick = () => step(1);
  find(".flags").onclick = () => nextFlag();
  find(".copy").onclick = copy;
  find(".full").onclick = fill;
  find(".ask").onclick = () => help(find(".help").hidden);
  find(".gaps button").onclick = turnGaps;
  for (const button of speeds) button.onclick = () => hurry(Number(button.value));
  list.onscroll = () => me.laid && drawList();
  svg.onpointerdown = (event) => {
    svg.setPointerCapture(event.pointerId);
    seek(event);
    svg.onpointermove = seek;
  };
  svg.onpointerup = svg.onpointercancel = () => {
    svg.onpointermove = null;
    go(me.at);
  };

  const box = find(".find input");
  box.oninput = () => seekWords(box.value);
  for (const input of [box, find(".address input")]) {
    input.onkeydown = (event) => {
      event.stopPropagation(); // letters are text here: neither the player's keys nor the page's
      if (event.key === "Escape") {
        if (input === box && box.value) seekWords((box.value = ""));
        else root.focus();
        find(".address").hidden = true;
        me.box = null;
      } else if (event.key === "Enter" && input === box) nextFound(event.shiftKey ? -1 : 1);
    };
  }
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = event.target.tagName === "BUTTON", hurried = SPEEDS.indexOf(me.speed);
    const keys = {
      arrowright: () => (event.shiftKey ? go(me.at + 5000) : step(1)),
      arrowleft: () => (event.shiftKey ? go(me.at - 5000) : step(-1)),
      home: () => go(0),
      end: () => go(end),
      f: () => nextFlag(event.shiftKey ? -1 : 1),
      "+": () => hurry(SPEEDS[Math.min(SPEEDS.length - 1, hurried + 1)]),
      "=": () => hurry(SPEEDS[Math.min(SPEEDS.length - 1, hurried + 1)]),
      "-": () => hurry(SPEEDS[Math.max(0, hurried - 1)]),
      "/": () => box.focus(),
      g: turnGaps,
      l: copy,
      s: fill,
      "?": () => help(find(".help").hidden),
      escape: () => help(false),
    };
    const key = event.key.toLowerCase();
    if (key === " " && !inside) play(!me.playing);
    else if (keys[key]) keys[key]();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
  };

  hurry(me.speed);
  gaps(me.scale);
  find(".play").textContent = "Play";
  me.playing = false;
  me.draw();
  if (me.query) seekWords(me.query);
  let width = svg.clientWidth;
  const watch = new ResizeObserver(() => {
    if (width !== (width = svg.clientWidth)) Object.assign(me, { axis: null });
    me.box = null;
    me.draw();
  });
  watch.observe(root);
  document.addEventListener("fullscreenchange", filled);
  return () => {
    cancelAnimationFrame(me.frame);
    clearTimeout(me.telling);
    me.playing = false;
    watch.disconnect();
    document.removeEventListener("fullscreenchange", filled);
  };
}
