const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

export function remaining(seconds) {
  let left = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [name, length] of UNITS) {
    const amount = Math.floor(left / length);
    left -= amount * length;
    if (amount > 0) {
      parts.push(`${amount} ${name}${amount === 1 ? "" : "s"}`);
    }
  }
  return parts.slice(0, 2).join(" ") || "now";
}

/**
 * Show the time left until `deadline` in `element`, and again every second until it is over.
 */
export function countdown(element, deadline) {
  const timer = setInterval(show, 1000);
  function show() {
    const seconds = (deadline - Date.now()) / 1000;
    element.textContent = remaining(seconds);
    if (seconds <= 0) clearInterval(timer);
  }
  show();
}
