'use strict';
// Reads blueprints with drafter.js, the reference parser, and prints each error and warning. Exit code 1 if there is any.
//
//   node reference_parser.js FILE.apib ...
const fs = require('fs');

const drafter = require('drafter.js');

/** The line, from 1, at which an annotation starts. */
function lineOf(annotation, bytes) {
  const [block] = annotation.attributes.sourceMap.content;
  const [offset] = block.content[0].content.map((each) => each.content);
  return bytes.subarray(0, offset).toString().split('\n').length;
}

let found = 0;
for (const file of process.argv.slice(2)) {
  const bytes = fs.readFileSync(file);
  const result = drafter.parseSync(bytes.toString(), { generateSourceMap: true });
  for (const annotation of result.content.filter((each) => each.element === 'annotation')) {
    const [kind] = annotation.meta.classes.content.map((each) => each.content);
    console.error(`${file}:${lineOf(annotation, bytes)}: ${kind}: ${annotation.content}`);
    found += 1;
  }
}
process.exitCode = found ? 1 : 0;
