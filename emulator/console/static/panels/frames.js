// The panel frames.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>frames</h1>`;
}
