// The panel room.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>room</h1>`;
}
