// The recorded page of a session. Python gives the packed events, rrweb's player as text, and the moment to begin at; the
// browser plays, and tells Python only where it was stopped.
//
// Two frames keep the recorded page in. The outer one is ours: its policy lets nothing be fetched and runs nothing but the
// player's file. It has our origin, as the player must reach the document that it writes. The inner one is the player's:
// it holds the recorded page, inherits that policy, and has no leave to run scripts (checked below). The two speak by
// calls, not by messages, so there is nobody else to listen to.

const TALLEST = 620; // px of the stage
const STEP = 5000; // ms an arrow key goes
const POLICY = "default-src 'none'; script-src 'nonce-%'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; " +
  "media-src data:; base-uri 'none'; form-action 'none'";
const recordings = new WeakMap(); // what survives when Python sends new data: the frame, the player, speed

export default function ({ data, parentElement, setStateValue }) {
  let me = recordings.get(parentElement);
  if (!me) recordings.set(parentElement, (me = { speed: 1 }));
  const find = (selector) => parentElement.querySelector(selector);
  const root = find(".recording"), stage = find(".stage"), seek = find(".seek"), play = find(".play"), skip = find(".skip");
  const full = find(".full");
  const speeds = [...parentElement.querySelectorAll(".speeds button")];

  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const clock = (ms) => {
    const s = Math.floor(Math.max(0, ms) / 1000), m = Math.floor(s / 60);
    return m < 60 ? `${m}:${two(s % 60)}` : `${Math.floor(m / 60)}:${two(m % 60)}:${two(s % 60)}`;
  };
  const say = (text) => {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = text;
    stage.replaceChildren(note);
    stage.style.height = "120px";
  };

  // ---- the frames -------------------------------------------------------------------------------------------------
  async function unpacked(packed) {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  }

  function framed() { // the outer frame, when the player's file has run in it
    const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const file = URL.createObjectURL(new Blob([data.script], { type: "text/javascript" }));
    const frame = document.createElement("iframe");
    frame.title = "Recorded page";
    frame.tabIndex = -1; // nobody types into a recording
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin"); // no forms, windows, downloads, no leaving
    frame.srcdoc = `<!doctype html><html><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="${POLICY.replace("%", nonce)}">
      <style>${data.style}\nhtml, body { margin: 0; overflow: hidden; background: #fff } iframe { border: 0; display: block }</style>
      <script nonce="${nonce}" src="${file}"></script></head><body></body></html>`;
    return new Promise((resolve, reject) => {
      frame.onload = () => {
        URL.revokeObjectURL(file);
        frame.contentWindow.rrwebReplay ? resolve(frame) : reject(new Error("the player's file was not let in"));
      };
      stage.replaceChildren(frame);
    });
  }

  function fit() {
    if (!me.frame || !me.size) return;
    const [width, height] = me.size, wide = stage.clientWidth;
    if (!wide || !width || !height) return;
    const whole = root.matches(":fullscreen");
    const scale = Math.min(whole ? 2 : 1, wide / width, (whole ? innerHeight - 110 : TALLEST) / height);
    Object.assign(me.frame.style, {
      width: `${width}px`, height: `${height}px`, transform: `scale(${scale})`, left: `${Math.max(0, (wide - width * scale) / 2)}px`,
    });
    stage.style.height = `${Math.ceil(height * scale) + 2}px`;
  }

  me.fit = fit; // of the newest call: Python may have sent new events meanwhile
  me.finish = () => { me.playing = false; me.at = me.total; shown(); tell(); };

  async function begin() {
    const mine = (me.round = (me.round || 0) + 1);
    say("Unpacking the recording …");
    const text = await unpacked(data.packed);
    const frame = await framed();
    if (mine !== me.round) return;
    const inside = frame.contentWindow, events = inside.JSON.parse(text);
    const player = new inside.rrwebReplay.Replayer(events, {
      root: inside.document.body, speed: me.speed, skipInactive: skip.checked, showWarning: false, triggerFocus: false,
      mouseTail: { strokeStyle: "#d8432b", duration: 700, lineWidth: 2 },
    });
    if (player.iframe.sandbox.contains("allow-scripts")) { // never seen; a recorded page would run in our place
      frame.remove();
      throw new Error("the player gives the page leave to run scripts");
    }
    Object.assign(me, { frame, player, total: player.getMetaData().totalTime, playing: false });
    const meta = events.find((event) => event.type === 4);
    me.size = [meta.data.width || 1280, meta.data.height || 800];
    player.on("resize", (size) => { me.size = [size.width, size.height]; me.fit(); });
    player.on("finish", () => me.finish());
    fit();
    seek.max = String(me.total);
    mark(events);
    play.disabled = false;
    to(data.start - data.starts);
  }

  function mark(events) { // page views and clicks along the way
    const first = events[0].timestamp;
    let before;
    find(".marks").replaceChildren(...events.flatMap((event) => {
      const view = event.type === 4 && event.data.href !== before, click = event.type === 3 && event.data.source === 2 && event.data.type === 2;
      if (event.type === 4) before = event.data.href;
      if ((!view && !click) || !me.total) return [];
      const tick = document.createElement("i");
      tick.className = view ? "view" : "click";
      tick.style.left = `${(100 * (event.timestamp - first)) / me.total}%`;
      return [tick];
    }));
  }

  // ---- the events beside it: data from elsewhere, so text and nothing else --------------------------------------------
  const rows = data.events.map(([ms, what, kind, note, colour]) => {
    const row = document.createElement("li"), time = document.createElement("time"), said = document.createElement("span");
    row.className = kind;
    time.textContent = clock(ms);
    said.className = "what";
    said.textContent = note ? `${what}, ${note}` : what;
    if (colour) said.style.color = colour;
    row.append(time, said);
    row.onclick = () => {
      if (!me.player) return;
      to(ms - data.starts);
      if (!me.playing) tell();
    };
    return row;
  });
  find(".events").replaceChildren(...rows);
  root.classList.toggle("bare", !rows.length);

  function follow(ms) {
    let low = -1, high = data.events.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (data.events[middle][0] <= ms + 20) low = middle; // the player's clock may stand some ms before a moment
      else high = middle - 1;
    }
    const row = rows[low], list = find(".events"), was = list.querySelector(".now");
    if (was === (row || null)) return;
    if (was) was.classList.remove("now");
    if (!row) return;
    row.classList.add("now");
    list.scrollTop = row.offsetTop - list.clientHeight / 2;
  }

  // ---- playing ----------------------------------------------------------------------------------------------------
  const now = () => Math.max(0, Math.min(me.total, me.player.getCurrentTime()));

  function shown() {
    const at = me.playing ? now() : me.at;
    play.textContent = me.playing ? "Pause" : "Play";
    seek.value = String(Math.round(at));
    follow(at + data.starts);
    find(".clock").textContent = `${clock(at + data.starts)} of ${clock(me.total + data.starts)}`;
  }

  function tell() {
    clearTimeout(me.telling);
    me.telling = setTimeout(() => setStateValue("at", Math.max(0, Math.round(me.at + data.starts))), 400);
  }

  function tick() {
    if (!me.playing || !root.isConnected) return;
    shown();
    requestAnimationFrame(tick);
  }

  function to(ms) { // goes there and stays playing if it played
    me.at = Math.max(0, Math.min(me.total, ms));
    if (me.playing) me.player.play(me.at);
    else me.player.pause(me.at);
    shown();
  }

  function toggle() {
    if (!me.player) return;
    if (me.playing) {
      me.at = now();
      me.playing = false;
      me.player.pause();
      tell();
    } else {
      if (me.at >= me.total) me.at = 0;
      me.playing = true;
      clearTimeout(me.telling);
      me.player.play(me.at);
      requestAnimationFrame(tick);
    }
    shown();
  }

  function hurry(speed) {
    me.speed = speed;
    for (const button of speeds) button.setAttribute("aria-pressed", String(Number(button.value) === speed));
    if (me.player) me.player.setConfig({ speed });
  }

  for (const button of speeds) button.onclick = () => hurry(Number(button.value));
  play.onclick = toggle;
  full.onclick = () => (root.matches(":fullscreen") ? document.exitFullscreen() : root.requestFullscreen());
  full.hidden = !document.fullscreenEnabled;
  skip.onchange = () => me.player && me.player.setConfig({ skipInactive: skip.checked });
  seek.oninput = () => me.player && to(Number(seek.value));
  seek.onchange = () => me.player && !me.playing && tell();
  root.onkeydown = (event) => {
    if (!me.player || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "s" && !full.hidden) full.click();
    else if (event.key === " " && event.target.tagName !== "BUTTON" && event.target !== skip) toggle();
    else if (step !== undefined) {
      to((me.playing ? now() : me.at) + step);
      if (!me.playing) tell();
    } else return;
    event.preventDefault();
  };
  hurry(me.speed);

  const watch = new ResizeObserver(fit);
  watch.observe(stage);
  root.onfullscreenchange = fit;
  const same = me.recording === data.recording && me.frame && me.frame.isConnected;
  if (!same) {
    Object.assign(me, { recording: data.recording, start: data.start, player: null, frame: null, playing: false, at: 0 });
    play.disabled = true;
    begin().catch((error) => {
      Object.assign(me, { player: null, frame: null });
      play.disabled = true;
      say(`The recorded page cannot be played: ${error.message}.`);
    });
  } else {
    play.disabled = false;
    fit();
    if (me.start !== data.start) to(data.start - data.starts);
    me.start = data.start;
    shown();
  }
  return () => {
    watch.disconnect();
    if (me.playing) {
      me.at = now();
      me.playing = false;
      me.player.pause();
    }
  };
}
