// The player of one session. Python gives columns with an entry an event (t, kind, say, flag, page, x, y, top, width,
// height), the words, pages and colours; the browser animates, and tells Python only where it was stopped. Whatever
// comes from data is text: set with textContent or drawn on the canvas, never read as markup.

const LONG = 8000, FOLDED = 3000; // ms: pauses longer than this are played as if they were the shorter
const ROW = 26, AROUND = 12; // px of a row of the list; rows kept ready above and below what is seen
const AXIS = { height: 94, tick: 28, band: 34, thick: 22, clock: 72, pause: 88 };
const STAYS = 30000, RING = 900, BUBBLE = 6000; // ms that a trail, a ring and a complaint are seen
const MARKS = { view: "■", click: "◦", scroll: "↕", move: "·", type: "✎\ufe0e", focus: "·", send: "↵", leave: "→", refusal: "!", failure: "✕", own: "◆" };
const players = new WeakMap(); // what survives when Python sends new data: moment, speed, loaded pictures

export default function ({ data, parentElement, setStateValue }) {
  let me = players.get(parentElement);
  if (!me) players.set(parentElement, (me = { speed: 2, images: new Map() }));
  if (me.session !== data.session || me.start !== data.start) {
    Object.assign(me, { session: data.session, start: data.start, at: data.start, playing: false, shown: -1 });
  }
  me.axis = me.rows = null; // drawn anew from the new data

  const { t, kinds, words, pages, flags, colours } = data;
  const count = t.length, end = t[count - 1];
  const find = (selector) => parentElement.querySelector(selector);
  const root = find(".player"), canvas = find("canvas"), list = find(".events"), svg = find(".axis"), where = find(".where");
  const kind = (n) => kinds[data.kind[n]];
  const flag = (n) => (data.flag[n] === null ? null : flags[data.flag[n]]);
  const placed = (n) => data.x[n] !== null && data.y[n] !== null;
  const flagged = t.flatMap((_, n) => (flag(n) ? [n] : []));
  const wide = data.width[0] > data.height[0];
  root.style.setProperty("--muted", colours.muted);
  root.classList.toggle("wide", wide && data.stage);
  root.classList.toggle("bare", !data.stage);
  find(".flags").disabled = !flagged.length;
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

  // ---- time: real ms <-> folded ms, straight between events -------------------------------------------------------
  const folding = (longest, folded) => { // the folded moment of each event
    const knots = new Float64Array(count);
    for (let n = 1; n < count; n++) knots[n] = knots[n - 1] + (t[n] - t[n - 1] > longest ? folded : t[n] - t[n - 1]);
    return knots;
  };
  const played = folding(LONG, FOLDED), shown = folding(data.fold, (data.fold * FOLDED) / LONG);
  const pauses = t.flatMap((ms, n) => (n && ms - t[n - 1] > data.fold ? [n] : []));
  const lastUpTo = (values, value) => { // index of the last one that is not greater, 0 at least
    let low = 0, high = count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (values[middle] <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const convert = (from, to, value) => {
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

  function size() { // in CSS pixels; the canvas itself has the screen's
    const across = canvas.clientWidth || 312, tall = Math.min(wide ? 460 : 560, (across * data.height[0]) / data.width[0]);
    const sharp = Math.max(1, window.devicePixelRatio || 1);
    canvas.style.height = `${tall}px`;
    if (data.stage) list.style.height = `${Math.max(11, Math.floor((tall + 22) / ROW)) * ROW}px`; // whole rows
    if (canvas.width !== Math.round(across * sharp) || canvas.height !== Math.round(tall * sharp)) {
      canvas.width = Math.round(across * sharp);
      canvas.height = Math.round(tall * sharp);
    }
    return [across, tall, sharp];
  }

  function topAt(n) { // the page's first visible pixel, gliding after a scroll
    const since = me.at - t[n];
    if (n === 0 || since >= 400 || data.page[n] !== data.page[n - 1] || kind(n) === "view") return data.top[n];
    const share = since / 400;
    return data.top[n - 1] + (data.top[n] - data.top[n - 1]) * share * (2 - share);
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
    pen.font = `${12 / screen.scale}px ${screen.face}`;
    pen.textAlign = "center";
    for (const [x, y, w, h, name] of page.sketch) {
      pen.beginPath();
      pen.roundRect(x, y - top, w, h, 5);
      pen.stroke();
      pen.fillText(name, x + w / 2, y - top + h / 2 + 4 / screen.scale);
    }
    pen.textAlign = "start";
  }

  function drawTrail(touches, top, unit) { // dotted from touch to touch; the older, the fainter
    pen.setLineDash([unit, 5 * unit]);
    pen.lineCap = "round";
    pen.strokeStyle = colours.trail;
    pen.lineWidth = 2 * unit;
    for (let i = 1; i < touches.length; i++) {
      const a = touches[i - 1], b = touches[i], y1 = data.y[a] - top, y2 = data.y[b] - top;
      if (kind(b) === "move") pen.setLineDash([]);
      pen.globalAlpha = Math.max(0.15, 0.8 - (me.at - t[b]) / STAYS);
      pen.beginPath();
      pen.moveTo(data.x[a], y1);
      pen.quadraticCurveTo((data.x[a] + data.x[b]) / 2 + (y2 - y1) * 0.12, (y1 + y2) / 2, data.x[b], y2);
      pen.stroke();
      pen.setLineDash([unit, 5 * unit]);
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function drawTouches(touches, top, unit) { // a dot that stays a while, and a ring that runs out
    pen.lineWidth = 2 * unit;
    for (const n of touches) {
      if (kind(n) === "move") continue;
      const age = me.at - t[n], strength = Math.max(0.35, 1 - age / (STAYS / 2)), x = data.x[n], y = data.y[n] - top;
      pen.strokeStyle = pen.fillStyle = flag(n)?.colour ?? colours.trail;
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

  function drawPointer(n, touches, top, unit) { // where the pointer is: at the last place, on its way just before the next
    if (data.touch || !touches.length) return;
    const last = touches[touches.length - 1];
    let x = data.x[last], y = data.y[last];
    let next = n + 1;
    while (next < count && !placed(next) && t[next] - me.at < 600) next++;
    if (next < count && placed(next) && data.page[next] === data.page[last] && t[next] - me.at < 400) {
      const share = 1 - (t[next] - me.at) / Math.min(400, t[next] - t[last]);
      x += (data.x[next] - x) * Math.max(0, share);
      y += (data.y[next] - y) * Math.max(0, share);
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

  function drawComplaint(n, top, screen) { // says on the spot what is wrong with the presses so far
    const trouble = data.troubles.find(({ at }) => at[0] <= n && me.at - t[at[at.length - 1]] < BUBBLE && at.some((i) => i <= n && flag(i)));
    if (!trouble) return;
    const pressed = trouble.at.filter((i) => i <= n), last = pressed[pressed.length - 1], mark = flags[trouble.flag];
    if (!placed(last) || data.page[last] !== data.page[n] || me.at - t[last] > BUBBLE) return;
    const many = pressed.length > 1 ? `${pressed.length} presses in ${length(t[last] - t[pressed[0]])}` : "pressed";
    const dead = pressed.some((i) => flag(i)?.name === "dead" || flag(i)?.name === "rage");
    const text = `${mark.glyph} ${many}, ${dead ? flags.find((f) => f.name === "dead").note : mark.note}`;
    const unit = 1 / screen.scale;
    pen.font = `600 ${12 * unit}px ${screen.face}`;
    const w = pen.measureText(text).width + 16 * unit, h = 24 * unit, margin = 6 * unit;
    const x = Math.max(margin, Math.min(screen.width - w - margin, data.x[last] - w / 2));
    const above = data.y[last] - top - 22 * unit - h;
    const y = above > margin ? above : data.y[last] - top + 22 * unit;
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

  function drawStage(n) {
    if (!data.stage) return;
    const [across, tall, sharp] = size();
    const width = data.width[n], height = data.height[n], scale = Math.min(across / width, tall / height);
    const screen = { width, height, scale, face: getComputedStyle(root).fontFamily }, top = topAt(n);
    const page = pages[data.page[n]];
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.fillStyle = colours.panel;
    pen.fillRect(0, 0, across, tall);
    pen.translate((across - width * scale) / 2, 0);
    pen.scale(scale, scale);
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, width, tall / scale);
    pen.clip();
    drawPage(page, top, screen);
    const touches = [];
    for (let i = n; i >= 0 && me.at - t[i] < STAYS && data.page[i] === data.page[n]; i--) if (placed(i)) touches.unshift(i);
    drawTrail(touches, top, 1 / scale);
    drawTouches(touches, top, 1 / scale);
    drawPointer(n, touches, top, 1 / scale);
    drawComplaint(n, top, screen);
    pen.restore();
    where.textContent = page.name;
  }

  // ---- event list: only the rows that are seen exist ---------------------------------------------------------------
  function layRows() {
    me.rows = [];
    me.rowOf = new Int32Array(count);
    for (let n = 0; n < count; n++) {
      if (n && t[n] - t[n - 1] > LONG) me.rows.push({ n, pause: t[n] - t[n - 1] });
      me.rowOf[n] = me.rows.length;
      me.rows.push({ n });
    }
    const spacer = document.createElement("li");
    spacer.className = "spacer";
    spacer.setAttribute("aria-hidden", "true");
    spacer.style.height = `${me.rows.length * ROW}px`;
    list.replaceChildren(spacer);
    if (!data.stage) list.style.height = `${Math.max(3, Math.min(16, me.rows.length)) * ROW}px`;
    me.live = new Map();
    me.shown = -1;
  }

  function makeRow(r) {
    const { n, pause } = me.rows[r], li = document.createElement("li");
    const part = (tag, name, text, colour) => {
      const element = document.createElement(tag);
      element.className = name;
      element.textContent = text;
      if (colour) element.style.color = colour;
      li.append(element);
    };
    li.style.top = `${r * ROW}px`;
    if (pause) {
      li.className = "pause";
      for (const [name, text] of [["", ""], ["mark", "⋮"], ["what", `nothing for ${length(pause)}`]]) part("span", name, text);
      return li;
    }
    const what = kind(n), mark = flag(n), bad = what === "refusal" || what === "failure";
    li.className = what;
    part("time", "", clock(t[n]));
    part("span", "mark", mark?.glyph ?? MARKS[what], mark?.colour ?? (bad ? colours.bad : what === "view" ? pages[data.page[n]].colour : colours.muted));
    part("span", "what", words[data.say[n]]);
    part("span", "note", mark ? mark.note : "");
    li.title = words[data.say[n]];
    li.setAttribute("aria-setsize", count);
    li.setAttribute("aria-posinset", n + 1);
    li.onclick = () => go(t[n], n);
    return li;
  }

  function drawList() {
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - AROUND);
    const to = Math.min(me.rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + AROUND);
    for (const [r, li] of me.live) {
      if (r >= from && r < to) continue;
      li.remove();
      me.live.delete(r);
    }
    for (let r = from; r < to; r++) {
      if (!me.live.has(r)) {
        const li = makeRow(r);
        me.live.set(r, li);
        list.append(li);
      }
      const now = !me.rows[r].pause && me.rows[r].n === me.shown, li = me.live.get(r);
      li.classList.toggle("now", now);
      if (now) li.setAttribute("aria-current", "true");
      else li.removeAttribute("aria-current");
    }
  }

  function follow(n) { // the present event stays about two thirds down, on whole rows
    if (me.shown === n) return;
    me.shown = n;
    const y = me.rowOf[n] * ROW, seen = list.clientHeight;
    if (y < list.scrollTop + ROW || y > list.scrollTop + seen * 0.75) {
      list.scrollTop = Math.max(0, Math.round((y - seen * 0.6) / ROW) * ROW);
    }
    drawList();
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
    for (let n = 0; n < count; n++) if (n === 0 || data.page[n] !== data.page[n - 1] || kind(n) === "view") found.push([n, pages[data.page[n]]]);
    return found;
  }

  function drawStays(x, width) {
    const { band, thick } = AXIS, all = stays();
    const middles = pauses.map((n) => (x(t[n - 1]) + x(t[n])) / 2);
    let clear = -1, drawn = -1, cut = 0; // where the next clock may start, where the last stay ends
    all.forEach(([n, page], i) => {
      const left = x(t[n]), right = i + 1 < all.length ? x(t[all[i + 1][0]]) : width - 1;
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
        const from = edges[k] + (k ? 10 : 5), room = edges[k + 1] - from - (k + 1 < edges.length - 1 ? 9 : 4);
        if (room > 24 && fit(names, from, band + 17, room)) break;
      }
      if (left > clear && left < width - 60) clear = left + make("text", { x: left, y: AXIS.clock, class: "quiet" }, clock(t[n])).getComputedTextLength() + 10;
    });
    make("text", { x: width - 1, y: AXIS.clock, class: "quiet", "text-anchor": "end" }, clock(end));
    let last = -99, said = -99;
    pauses.forEach((n, k) => {
      const m = middles[k], bolt = (at) => `M${at} ${band - 1}l4 6-4 6 4 6-4 6`;
      if (m - last < 12) return;
      last = m;
      make("rect", { x: m - 5, y: band - 1, width: 10, height: thick + 2, fill: colours.paper });
      make("path", { d: bolt(m - 5) + bolt(m + 1), fill: "none", stroke: colours.muted });
      const words = make("text", { x: m, y: AXIS.pause, class: "quiet", "text-anchor": "middle" }, length(t[n] - t[n - 1]));
      const half = words.getComputedTextLength() / 2;
      if (m - half < said + 8 || m - half < 0 || m + half > width) words.remove();
      else said = m + half;
    });
  }

  function drawTicks(x) {
    const plain = new Set(), strokes = new Map(), lastGlyph = {};
    for (let n = 0; n < count; n++) {
      const at = Math.round(x(t[n])), mark = flag(n);
      if (!mark) {
        if (kind(n) !== "view" && kind(n) !== "move") plain.add(at);
        continue;
      }
      if (!strokes.has(mark)) strokes.set(mark, new Set());
      strokes.get(mark).add(at);
      if (at - (lastGlyph[mark.name] ?? -99) < 11) continue; // of several on one spot only the first gets a glyph
      lastGlyph[mark.name] = at;
      const low = mark.name === "dead" || mark.name === "u_turn";
      make("text", { x: at, y: low ? 21 : 10, "text-anchor": "middle", class: "flag", style: `fill:${mark.colour}` }, mark.glyph);
    }
    make("path", { d: [...plain].map((at) => `M${at} ${AXIS.tick}v6`).join(""), stroke: colours.context });
    for (const [mark, places] of strokes) make("path", { d: [...places].map((at) => `M${at} 23v11`).join(""), stroke: mark.colour, "stroke-width": 1.5 });
  }

  function drawAxis() {
    const width = svg.clientWidth, total = shown[count - 1], x = (ms) => 1 + (total ? convert(t, shown, ms) / total : 0) * (width - 2);
    if (!width) return;
    if (me.axis !== width) {
      me.axis = width;
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${width} ${AXIS.height}`);
      drawStays(x, width);
      drawTicks(x);
      me.head = make("g", {});
      const line = make("path", { d: `M0 24V${AXIS.clock - 8}`, stroke: colours.ink, "stroke-width": 2 });
      const foot = make("path", { d: `M-5 ${AXIS.clock - 8}h10l-5-6z`, fill: colours.ink });
      me.head.append(line, foot);
      svg.setAttribute("aria-valuemax", Math.round(end / 1000));
    }
    me.head.setAttribute("transform", `translate(${x(me.at)},0)`);
    svg.setAttribute("aria-valuenow", Math.round(me.at / 1000));
    svg.setAttribute("aria-valuetext", `${clock(me.at)}, ${words[data.say[current()]]}`);
  }

  // ---- moving -----------------------------------------------------------------------------------------------------
  me.draw = () => {
    if (!me.rows) layRows();
    const n = current();
    drawStage(n);
    drawAxis();
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
    const total = played[count - 1], moment = convert(t, played, me.at) + (now - (me.last || now)) * me.speed;
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

  function nextFlag() {
    if (!flagged.length) return;
    const now = current(), n = flagged.find((one) => one > now) ?? flagged[0];
    go(t[n], n);
  }

  const speeds = [...parentElement.querySelectorAll(".speeds button")];
  function hurry(speed) {
    me.speed = speed;
    for (const button of speeds) button.setAttribute("aria-pressed", String(Number(button.value) === speed));
  }

  function seek(event) {
    const box = svg.getBoundingClientRect();
    me.at = convert(shown, t, Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * shown[count - 1]);
    me.chosen = undefined;
    me.draw();
  }

  find(".play").onclick = () => play(!me.playing);
  find(".prev").onclick = () => step(-1);
  find(".next").onclick = () => step(1);
  find(".flags").onclick = nextFlag;
  for (const button of speeds) button.onclick = () => hurry(Number(button.value));
  list.onscroll = () => me.rows && drawList();
  svg.onpointerdown = (event) => {
    svg.setPointerCapture(event.pointerId);
    seek(event);
    svg.onpointermove = seek;
  };
  svg.onpointerup = svg.onpointercancel = () => {
    svg.onpointermove = null;
    go(me.at);
  };
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = event.target.tagName === "BUTTON";
    const keys = {
      ArrowRight: () => (event.shiftKey ? go(me.at + 5000) : step(1)),
      ArrowLeft: () => (event.shiftKey ? go(me.at - 5000) : step(-1)),
      Home: () => go(0),
      End: () => go(end),
      f: nextFlag,
      F: nextFlag,
    };
    if (event.key === " " && !inside) play(!me.playing);
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  };

  hurry(me.speed);
  find(".play").textContent = "Play";
  me.playing = false;
  me.draw();
  const watch = new ResizeObserver(() => me.draw());
  watch.observe(svg);
  return () => {
    cancelAnimationFrame(me.frame);
    clearTimeout(me.telling);
    me.playing = false;
    watch.disconnect();
  };
}
