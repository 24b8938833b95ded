// The panel token.

import { html } from "../vendor/htm-preact.js";

export default function Panel() {
  return html`<h1>token</h1>`;
}
