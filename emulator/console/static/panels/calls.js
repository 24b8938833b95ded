// The panel calls.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>calls</h1>`;
}
