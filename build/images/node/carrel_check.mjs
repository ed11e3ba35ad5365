// Runs the tests of an exercise in this process and reports each as it goes.
//
//   node carrel_check.mjs [file...]
//
// Without files it takes what `node --test` would. One process for everything: a process per test file
// costs as long as starting this one.

import { readdirSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';

import { Report } from './carrel_report.mjs';

const TEST_FILE = /(^|\/)((.+[.\-_])?test|test-[^/]+)\.[cm]?[jt]s$/;
const IN_TEST_FOLDER = /(^|\/)tests?\/(.+\/)?[^/]+\.[cm]?[jt]s$/;

const root = realpathSync('.');

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

function testFiles() {
  const all = [...filesBelow(root)].sort();
  const named = all.filter((path) => TEST_FILE.test(relative(root, path)));
  return named.length > 0 ? named : all.filter((path) => IN_TEST_FOLDER.test(relative(root, path)));
}

const asked = process.argv.slice(2).map((path) => resolve(root, path));
const files = asked.length > 0 ? asked : testFiles();
const report = new Report(root);
if (files.length === 0) {
  console.error('There are no test files here.');
  process.exit(2);
}

// The stream hands its events on later; its listeners hear of them at once, so that a test that never
// gives way is known to have begun.
const loaded = new URL('./carrel_loaded.mjs', import.meta.url).pathname;
const stream = run({ files: [...files, loaded], isolation: 'none', concurrency: false, cwd: root });
const each = (tell) => (test) => {
  if (test.name === loaded) return; // node takes a file without tests for a test
  tell(test);
  endWhenDone();
};
stream.on('test:enqueue', each((test) => report.planned(test)));
stream.on('test:dequeue', each((test) => report.began(test)));
stream.on('test:complete', each((test) => report.ended(test)));
stream.resume();

// node waits for everything that the learner's code left open, such as a timer; nobody else does.
let allLoaded = false;
process.once('carrel:loaded', () => {
  allLoaded = true;
  endWhenDone();
});

function endWhenDone() {
  setImmediate(() => {
    if (allLoaded && report.open === 0) process.exit(report.finish() ? 0 : 1);
  });
}
