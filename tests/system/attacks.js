// What a page can do to a server that it was not let in by. Each attack sends one request, {method, url, body}, and tells what
// the page could read of the answer, or null. Read by tests/system/test_attacks.py.

const GIVE_UP = 4000; // ms after which an attack counts as sent, for elements that never say that they are done

const later = (ms) => new Promise((done) => setTimeout(done, ms));

async function first(response) {
  const reader = response.body?.getReader(); // the first piece only: an event stream has no end
  if (!reader) return null;
  const {value} = await reader.read();
  reader.cancel();
  return value ? new TextDecoder().decode(value) : null;
}

const fetched = (mode, type, more = {}) => async ({method, url, body}) => {
  const bodiless = method === "GET" || method === "HEAD";
  const sent = bodiless ? {method} : {method, body, headers: {"Content-Type": type}};
  return first(await fetch(url, {...sent, ...more, mode, credentials: "include"}));
};

async function put(element, events = ["load", "error"]) {
  const ended = events.map((name) => new Promise((done) => element.addEventListener(name, done, {once: true})));
  document.body.append(element);
  await Promise.race([...ended, later(GIVE_UP)]);
}

const made = (tag, values) => Object.assign(document.createElement(tag), values);

const element = (tag, values) => async ({url}) => {
  const each = made(tag, values(url));
  await put(each);
  const seen = (tag === "iframe" && each.contentDocument?.body?.textContent) || (each.naturalWidth ? "a picture" : null);
  each.remove();
  return seen;
};

const form = (enctype) => async ({url, body}) => {
  const frame = made("iframe", {name: `frame-${Math.random()}`});
  document.body.append(frame);
  const sent = made("form", {method: "POST", action: url, enctype, target: frame.name});
  // As text/plain this is the JSON {"x": "="} and the like: what a form can come up with.
  sent.append(made("input", {name: body.replace(/}$/, body === "{}" ? '"x":"' : ',"x":"'), value: '"}'}));
  document.body.append(sent);
  const ended = new Promise((done) => frame.addEventListener("load", done, {once: true}));
  sent.submit();
  await Promise.race([ended, later(GIVE_UP)]);
  const seen = frame.contentDocument?.body?.textContent || null;
  frame.remove();
  sent.remove();
  return seen;
};

async function opened({url}) {
  const other = window.open(url);
  try {
    for (const end = Date.now() + GIVE_UP; Date.now() < end; await later(5)) {
      if (other.location.href !== "about:blank" && other.document.readyState === "complete") return other.document.body.textContent;
    }
    return null;
  } catch {
    return null; // it is there, and belongs to another origin
  } finally {
    other.close();
  }
}

async function listened({url}) {
  const source = new EventSource(url, {withCredentials: true});
  const heard = new Promise((done) => ((source.onopen = () => done("a stream")), (source.onerror = () => done(null))));
  return heard.finally(() => source.close());
}

// A sandboxed frame has the origin `null`. One is enough; it is given the calls one after the other.
let frame;
async function sandboxed(call) {
  if (!frame) {
    const script = `const first = ${first}; const fetched = ${fetched}; onmessage = ({data, ports}) =>
      fetched("cors", "application/json")(data).catch(() => null).then((seen) => ports[0].postMessage(seen));`;
    frame = made("iframe", {srcdoc: `<script>${script}</script>`, sandbox: "allow-scripts"});
    frame.ready = put(frame, ["load"]);
  }
  await frame.ready;
  const {port1, port2} = new MessageChannel();
  const answer = new Promise((done) => (port1.onmessage = ({data}) => done(data)));
  frame.contentWindow.postMessage(call, "*", [port2]);
  return Promise.race([answer, later(GIVE_UP).then(() => null)]);
}

const ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], SIMPLE = ["GET", "HEAD", "POST"];
// What loads a page takes long: it is done to the paths that say so.
const PAGE = true;
const ATTACKS = {
  "fetch with CORS, application/json": [ALL, fetched("cors", "application/json")],
  "fetch with CORS, text/plain": [ALL, fetched("cors", "text/plain")],
  "fetch without CORS, application/json": [SIMPLE, fetched("no-cors", "application/json")],
  "fetch without CORS, text/plain": [SIMPLE, fetched("no-cors", "text/plain")],
  "fetch without CORS, no referrer": [["POST"], fetched("no-cors", "text/plain", {referrerPolicy: "no-referrer"})],
  "fetch from a sandboxed frame": [["GET", "POST", "DELETE"], sandboxed],
  "beacon": [["POST"], async ({url, body}) => (navigator.sendBeacon(url, body), null)],
  "form, urlencoded": [["POST"], form("application/x-www-form-urlencoded"), PAGE],
  "form, text/plain": [["POST"], form("text/plain"), PAGE],
  "form, multipart": [["POST"], form("multipart/form-data"), PAGE],
  "img": [["GET"], element("img", (src) => ({src}))],
  "script": [["GET"], element("script", (src) => ({src}))],
  "stylesheet": [["GET"], element("link", (href) => ({rel: "stylesheet", href}))],
  "iframe": [["GET"], element("iframe", (src) => ({src})), PAGE],
  "navigation": [["GET"], opened, PAGE],
  "EventSource": [["GET"], listened],
};

// Every attack on every path; gives [attack, method, path, what was read] for each request.
async function attackAll(base, targets) {
  const done = [];
  for (const [name, [methods, attack, page]] of Object.entries(ATTACKS)) {
    const meant = targets.filter(({pages}) => pages || !page);
    const calls = methods.flatMap((method) => meant.map(({path, bodies}) => ({method, path, body: bodies[method] ?? "{}"})));
    const one = async ({method, path, body}) => {
      const url = `${base}${path}?attack=${encodeURIComponent(name)}`;
      done.push([name, method, path, await attack({method, url, body}).catch(() => null)]);
    };
    while (calls.length) await Promise.all(calls.splice(0, 6).map(one));
  }
  return done;
}
