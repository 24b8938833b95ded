// The panel state.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>state</h1>`;
}
