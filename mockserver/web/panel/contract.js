/* The contract of the sandbox. It is shown only if the server has several contracts. */

import { SANDBOX } from "./api.js";
import { by, el, fill } from "./dom.js";
import { attempt, notice } from "./notices.js";
import { change, onPart } from "./sandbox.js";

function show({ contract, contracts }) {
  by("contract-form").hidden = contracts.length < 2;
  const options = contracts.map((name) => el("option", { value: name }, name));
  fill(by("contract"), options);
  by("contract").value = contract;
}

async function choose() {
  const name = by("contract").value;
  const path = `sandboxes/${encodeURIComponent(SANDBOX)}`;
  if (!(await change("PATCH", path, { contract: name }))) return;
  notice(`Sandbox ${SANDBOX} has the contract ${name}, with its own records and scenarios.`);
}

export function start() {
  by("contract").addEventListener("change", () => attempt(choose));
  onPart("contract", show);
}
