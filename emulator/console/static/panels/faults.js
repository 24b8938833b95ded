// The panel faults.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>faults</h1>`;
}
