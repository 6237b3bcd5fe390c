/*
 * Buttons that are disabled for a reason. Such a button keeps its place in the Tab order, so that
 * a screen reader reads the reason, its description.
 */

import { notice } from "./notices.js";

/**
 * Disable a button, or enable it if the reason is empty. `description` is the element that
 * describes the button.
 */
export function setDisabled(button, description, reason) {
  button.setAttribute("aria-disabled", String(reason !== ""));
  button.setAttribute("aria-describedby", description.id);
  description.textContent = reason;
}

/** Return a listener that calls `action`, or shows the reason if the button is disabled. */
export function unlessDisabled(action) {
  return (event) => {
    const button = event.currentTarget;
    if (button.getAttribute("aria-disabled") !== "true") return action();
    return notice(document.getElementById(button.getAttribute("aria-describedby")).textContent);
  };
}
