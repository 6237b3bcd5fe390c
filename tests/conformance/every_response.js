'use strict';
// Hooks for Dredd. Dredd tries the first response of each action. These hooks add the other documented responses, and ask
// for each with `Prefer: code=STATUS`.
const drafter = require('drafter.js');
const hooks = require('hooks');

/** Every element of this kind below an element of API Elements, in the order of the blueprint. */
function* elements(kind, element) {
  if (element.element === kind) yield element;
  if (Array.isArray(element.content)) for (const each of element.content) yield* elements(kind, each);
}

function title(element) {
  return element.meta.title.content;
}

function asset(response, kind) {
  const found = [...elements('asset', response)].find((each) => each.meta.classes.content[0].content === kind);
  return found ? found.content : undefined;
}

/** What Dredd expects of a response: status, headers, body and the body's schema. */
function expected(response) {
  const headers = response.attributes.headers ? response.attributes.headers.content : [];
  return {
    statusCode: response.attributes.statusCode.content,
    headers: Object.fromEntries(headers.map(({ content }) => [content.key.content, content.value.content])),
    body: asset(response, 'messageBody'),
    bodySchema: asset(response, 'messageBodySchema'),
  };
}

/** The transaction with another response. */
function asking(transaction, response) {
  const status = response.statusCode;
  const headers = { ...transaction.request.headers, Prefer: `code=${status}` };
  return {
    ...transaction,
    name: `${transaction.name} > ${status}`,
    id: transaction.id.replace(/\(\d+\)/, `(${status})`),
    request: { ...transaction.request, headers },
    expected: response,
  };
}

hooks.beforeAll((transactions) => {
  const [description] = hooks.configuration.apiDescriptions;
  const { content } = drafter.parseSync(description.content, {}).content.find((each) => each.element === 'category');
  const first = new Map(transactions.map((each) => [`${each.origin.resourceName} > ${each.origin.actionName}`, each]));
  for (const resource of content.flatMap((each) => [...elements('resource', each)])) {
    for (const transition of elements('transition', resource)) {
      const transaction = first.get(`${title(resource)} > ${title(transition)}`);
      for (const response of [...elements('httpResponse', transition)].map(expected)) {
        if (response.statusCode !== transaction.expected.statusCode) transactions.push(asking(transaction, response));
      }
    }
  }
});
