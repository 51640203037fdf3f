// SPDX-License-Identifier: Apache-2.0
// Parses an AsyncAPI document: node parse.js FILE. Prints every error and warning, and what it has found.
const { Parser, fromFile, DiagnosticSeverity } = require('@asyncapi/parser');

async function main(file) {
  const { document, diagnostics } = await fromFile(new Parser(), file).parse();
  const bad = diagnostics.filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
  for (const { severity, path, message } of bad) {
    console.log(`${DiagnosticSeverity[severity]} at ${path.join('/')}: ${message}`);
  }
  if (document) {
    console.log(`version ${document.version()}, ${document.channels().all().length} channels, `
      + `${document.components().messages().all().length} messages`);
  }
  process.exitCode = document && bad.length === 0 ? 0 : 1;
}

main(process.argv[2]);
