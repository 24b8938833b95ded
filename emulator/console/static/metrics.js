// What charts show, from metrics in the text format of Prometheus. Everything here is a pure function.

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

// toNumber parses a number, which can be +Inf, -Inf or NaN.
const toNumber = (text) => Number(text.replace(/Inf$/, "Infinity"));

// parse returns the samples of a text, by the names of the metrics: lists of {labels, value}.
export function parse(text) {
  const samples = {};
  for (const [, name, labels = "", value] of text.split("\n").map((one) => line.exec(one)).filter(Boolean)) {
    const unescape = (text) => text.replace(/\\(.)/g, (_, character) => (character === "n" ? "\n" : character));
    const pairs = [...labels.matchAll(label)].map(([, key, text]) => [key, unescape(text)]);
    (samples[name] ??= []).push({ labels: Object.fromEntries(pairs), value: toNumber(value) });
  }
  return samples;
}

// total returns the sum of the samples with a name that are selected.
export const total = (samples, name, selects = () => true) =>
  (samples[name] ?? []).reduce((sum, { labels, value }) => sum + (selects(labels) ? value : 0), 0);

// increase returns how much a counter has grown. It begins at 0 again when the emulator restarts.
const increase = (before, after) => (after < before ? after : after - before);

// quantile returns the quantile q, from 0 to 1, of what a histogram has observed between two texts, or undefined if
// there was nothing. It is as exact as the buckets are.
export function quantile(before, after, name, q) {
  const bucket = (samples, le) => total(samples, name + "_bucket", (labels) => labels.le === le);
  const limits = [...new Set((after[name + "_bucket"] ?? []).map(({ labels }) => labels.le))];
  limits.sort((a, b) => toNumber(a) - toNumber(b));
  const counts = limits.map((le) => increase(bucket(before, le), bucket(after, le)));
  const wanted = q * (counts.at(-1) ?? 0);
  if (!(wanted > 0)) return undefined;
  const at = counts.findIndex((count) => count >= wanted);
  const [low, lowCount] = at === 0 ? [0, 0] : [toNumber(limits[at - 1]), counts[at - 1]];
  const high = toNumber(limits[at]);
  return high === Infinity ? low : low + ((high - low) * (wanted - lowCount)) / (counts[at] - lowCount);
}

// errors are counters of what went wrong, by its kind.
const errors = {
  calls: ["ivschat_operations_total", ({ status }) => status >= 400],
  handshakes: ["ivschat_refused_handshakes_total"],
  faults: ["ivschat_faults_fired_total"],
  handlers: ["ivschat_invocation_errors_total"],
  answers: ["ivschat_response_validation_errors_total"],
  deliveries: ["ivschat_log_destination_errors_total"],
};

// errorKinds are the kinds of errors that measure returns, in words.
export const errorKinds = {
  calls: "calls with an error", handshakes: "refused handshakes", faults: "faults", handlers: "handlers not invoked",
  answers: "invalid reviews", deliveries: "failed chat log deliveries",
};

// measure returns what happened between two texts, the second one so many seconds later: numbers per second, and
// latencies in milliseconds. A member is undefined if it is not known.
export function measure(before, after, seconds) {
  const now = { connections: total(after, "ivschat_concurrent_chat_connections") };
  if (!before) return now;
  const rate = (name, selects) => increase(total(before, name, selects), total(after, name, selects)) / seconds;
  const latency = (name, q) => quantile(before, after, name, q) * 1000 || undefined;
  return {
    ...now,
    messages: rate("ivschat_messaging_requests_total"),
    deliveries: rate("ivschat_messaging_deliveries_total"),
    ...Object.fromEntries(Object.entries(errors).map(([kind, counter]) => ["error-" + kind, rate(...counter)])),
    p50: latency("ivschat_operation_duration_seconds", 0.5),
    p99: latency("ivschat_operation_duration_seconds", 0.99),
    reviews: latency("ivschat_review_duration_seconds", 0.99),
  };
}
