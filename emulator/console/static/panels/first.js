// What to do first, for an emulator without rooms.

import { html, useState } from "../vendor/htm-preact.js";
import { messagingURL } from "../api.js";
import { firstSteps } from "../snippets.js";
import { CopyButton } from "../ui.js";

// FirstSteps shows lines to copy, for each language.
export function FirstSteps({ info }) {
  const steps = firstSteps(info);
  const [chosen, choose] = useState(steps[0].name);
  const { text } = steps.find(({ name }) => name === chosen);
  return html`<section class="card" aria-labelledby="first">
    <h2 id="first">This emulator has no rooms yet</h2>
    <p>Create one with the button above, or from your code. This emulator answers like Amazon IVS Chat:</p>
    <div class="actions" role="group" aria-label="Language">
      ${steps.map(({ name }) => html`<button type="button" class="small" aria-pressed=${String(name === chosen)}
        onClick=${() => choose(name)}>${name}</button>`)}
    </div>
    <pre class="json" tabindex="0" role="region" aria-label=${`Lines for ${chosen}`}>${text}</pre>
    <div class="actions"><${CopyButton} text=${text} what=${`the lines for ${chosen}`} /></div>
    <p>Chat clients connect to <code>${messagingURL}</code>, for instance with${" "}
      <code>new ChatRoom({ regionOrUrl: "${messagingURL}", tokenProvider })</code>.</p>
  </section>`;
}
