// The panel charts.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>charts</h1>`;
}
