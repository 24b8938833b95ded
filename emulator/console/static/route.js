// The state of the page in its URL: #/PANEL/ID?name=value. So every view has a link.

import { useEffect, useState } from "./vendor/htm-preact.js";

// parse returns the panel, the ID and the parameters of a hash.
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const at = path.indexOf("/");
  const panel = at < 0 ? path : path.slice(0, at);
  let id = at < 0 ? "" : path.slice(at + 1);
  try {
    id = decodeURIComponent(id);
  } catch {
    // A link that was changed by hand: the panel says that it does not know the ID.
  }
  return { panel: panel || "rooms", id, parameters: Object.fromEntries(new URLSearchParams(search)) };
}

// href returns the hash of a route. Parameters that are undefined or "" are left out.
export function href(panel, id = "", parameters = {}) {
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  const search = present.length === 0 ? "" : "?" + new URLSearchParams(present);
  return "#/" + panel + (id === "" ? "" : "/" + encodeURIComponent(id)) + search;
}

// go opens a route, as a step in the history of the tab.
export function go(panel, id, parameters) {
  location.hash = href(panel, id, parameters);
}

// setParameters changes parameters of the current route, without a step in the history.
export function setParameters(changes) {
  const { panel, id, parameters } = parse(location.hash);
  history.replaceState(null, "", href(panel, id, { ...parameters, ...changes }));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

// useRoute returns the current route.
export function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parse(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
