// The panel clock.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>clock</h1>`;
}
