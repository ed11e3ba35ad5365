// Follows the events of node:test and writes them as a report: one JSON object per line, the last one
// about a test counts. Nothing here may throw, whatever the learner's values do when they are looked at.

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const LONGEST = 4096; // characters of any one text
const CHANNEL = 3;
const MOST_CHECKED = 20; // files that may hold a syntax error, at 40 ms each

export function clip(text) {
  if (text.length <= LONGEST) return text;
  const head = (LONGEST * 3) / 4;
  const tail = LONGEST / 4;
  return `${text.slice(0, head)}\n... ${text.length - head - tail} characters left out ...\n${text.slice(-tail)}`;
}

// show returns a value as a person would write it.
function show(value) {
  try {
    return clip(inspect(value, { depth: 8, sorted: true, maxArrayLength: 200, maxStringLength: LONGEST, breakLength: 100 }));
  } catch (e) {
    return `a value that cannot be shown (${e?.name})`;
  }
}

// pair returns both values as text. Two strings of which one has several lines stay as they are: their
// line breaks are what a person compares.
function pair(expected, actual) {
  if (typeof expected === 'string' && typeof actual === 'string' && /\n[^]/.test(expected + actual)) {
    return { expected: clip(expected), actual: clip(actual) };
  }
  return { expected: show(expected), actual: show(actual) };
}

const MISSING = /^Missing expected (exception|rejection)(?: \((.+?)\))?/;

// values returns what an assertion compared, if that can be told.
function values(error) {
  if (error?.code !== 'ERR_ASSERTION') return {};
  const missing = MISSING.exec(error.message);
  if (missing) return { expected: missing[2] ?? 'an exception', actual: 'no exception' };
  if (error.operator === 'fail' || !('expected' in error)) return {};
  const told = pair(error.expected, error.actual);
  if (/^not/.test(error.operator)) told.expected = `not ${told.expected}`;
  return told;
}

export class Report {
  constructor(root) {
    this.root = root;
    this.waiting = new Map(); // by place and name: tests that have not begun
    this.running = new Map(); // and those that have
    this.path = []; // the tests and suites that are open, by nesting
    this.ids = new Map();
    this.current = undefined;
    this.open = 0; // tests and suites that are planned and have not ended
    this.failed = 0;
    this.total = 0;
    this.lost = '';
    this.listen(process.stdout);
    this.listen(process.stderr);
  }

  // listen keeps what a test prints with the test.
  listen(stream) {
    const write = stream.write;
    const report = this;
    stream.write = function (chunk, ...rest) {
      if (report.current && report.current.output.length < 4 * LONGEST) report.current.output += String(chunk);
      return write.call(this, chunk, ...rest);
    };
    this.say ??= (line) => write.call(stream, `${line}\n`);
  }

  write(line) {
    try {
      let bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(CHANNEL, bytes));
    } catch (e) {
      this.lost ||= String(e); // no report is a verdict of its own
    }
  }

  planned(event) {
    // A file that could not be loaded comes as a test of its own, named by its path.
    const isFile = event.file === undefined && isAbsolute(event.name);
    const file = relative(this.root, isFile ? event.name : (event.file ?? ''));
    const name = isFile ? file : event.name;
    const parents = this.path.slice(0, event.nesting).filter(Boolean);
    const group = parents.map((p) => p.name).join(' > ');
    const test = {
      id: this.unique(isFile ? file : `${file}::${[...parents.map((p) => p.name), name].join(' > ')}`),
      name,
      group,
      isFile,
      file,
      line: event.line ?? 0,
      suite: event.type === 'suite',
      output: '',
      nesting: event.nesting,
    };
    push(this.waiting, key(event), test);
    this.open++;
    if (!test.suite) this.write({ plan: [{ id: test.id, name, group, file, line: test.line }] });
  }

  began(event) {
    const test = shift(this.waiting, key(event));
    if (!test) return;
    push(this.running, key(event), test);
    this.path.length = event.nesting;
    this.path[event.nesting] = test;
    if (test.suite) return;
    this.current = test;
    this.tell(test, { status: 'running' });
  }

  ended(event) {
    const test = shift(this.running, key(event)) ?? shift(this.waiting, key(event));
    if (!test) return;
    this.open--;
    this.current = test.nesting > 0 ? this.path[test.nesting - 1] : undefined;
    const problem = event.details?.error;
    const skipped = event.skip !== undefined && event.skip !== false;
    const expected = event.todo !== undefined && event.todo !== false;
    if (test.suite && (!problem || problem.failureType === 'subtestsFailed')) return;
    const duration_ms = event.details?.duration_ms ?? 0;
    this.total++;
    if (problem && !(expected && !skipped)) {
      this.failed++;
      const told = this.failure(problem, test);
      this.tell(test, { ...told, duration_ms, output: clip(test.output) });
      this.say(`✗ ${test.name}\n${indent(told.message)}`);
    } else if (skipped || expected) {
      this.tell(test, { status: 'skipped', duration_ms, message: text(skipped ? event.skip : event.todo) });
      this.say(`- ${test.name}`);
    } else {
      this.tell(test, { status: 'passed', duration_ms, output: clip(test.output) });
      this.say(`✓ ${test.name}`);
    }
  }

  // failure describes what went wrong. node:test wraps what was thrown.
  failure(problem, test) {
    if (problem.failureType === 'subtestsFailed') {
      return { status: 'failed', message: 'A part of this test failed.' };
    }
    const error = problem.code === 'ERR_TEST_FAILURE' && problem.cause !== undefined ? problem.cause : problem;
    const expectation = error?.code === 'ERR_ASSERTION';
    const told = { status: expectation ? 'failed' : 'errored', message: this.message(error, expectation), ...values(error) };
    Object.assign(told, this.place(error));
    if (test.isFile) {
      Object.assign(told, { status: 'errored', group: 'build' }, error instanceof SyntaxError ? this.syntax(error, told) : {});
    }
    return told;
  }

  // syntax finds where a file cannot be read: only node's own check of a file tells.
  syntax(error, told) {
    const stack = String(error.stack ?? '');
    if (!stack.startsWith('SyntaxError')) return { message: clip(this.short(stack.split('\n    at ')[0].trim())) };
    const sources = readdirSync(this.root, { recursive: true }).filter((path) => /^(?!.*node_modules).*\.[cm]?js$/.test(path));
    for (const path of sources.slice(0, MOST_CHECKED)) {
      // Of a .js file that could be either kind, node checks nothing: it is told the kind by a copy's name.
      const text = readFileSync(join(this.root, path), 'utf8');
      const isModule = path.endsWith('.mjs') || (path.endsWith('.js') && /^\s*(import|export)\b/m.test(text));
      const copy = join(tmpdir(), isModule ? 'carrel-copy.mjs' : 'carrel-copy.cjs');
      writeFileSync(copy, text);
      const checked = spawnSync(process.execPath, ['--check', copy], { encoding: 'utf8', timeout: 5000 });
      const found = checked.status ? /^(?:file:\/\/)?(\/.+?):(\d+)$/m.exec(checked.stderr) : null;
      if (!found) continue;
      const message = checked.stderr.slice(found.index).split('\n    at ')[0].split('\n\nNode.js')[0];
      return { file: path, line: Number(found[2]), message: clip(message.trim().replace(found[1], path)) };
    }
    return told;
  }

  message(error, expectation) {
    if (error === null || typeof error !== 'object') return `${show(error)} was thrown.`;
    try {
      if (expectation) return clip(this.short(String(error.message).trim()));
      const frames = String(error.stack ?? '')
        .split('\n')
        .filter((line) => line.startsWith('    at ') && this.inside(line));
      return clip([`${error.name}: ${this.short(String(error.message))}`, ...frames.slice(0, 12).map((line) => this.short(line))].join('\n'));
    } catch {
      return 'An error whose text cannot be shown was thrown.';
    }
  }

  short(text) {
    return text.replaceAll(`file://${this.root}/`, '').replaceAll(`${this.root}/`, '');
  }

  inside(line) {
    return line.includes(`${this.root}/`) && !line.includes('/node_modules/');
  }

  // place is the deepest line in the workspace.
  place(error) {
    for (const line of String(error?.stack ?? '').split('\n')) {
      const found = /((?:file:\/\/)?\/[^()]*?):(\d+)(?::\d+)?\)?$/.exec(line.trim());
      if (!found || !this.inside(line)) continue;
      const path = found[1].startsWith('file:') ? fileURLToPath(found[1]) : found[1];
      return { file: relative(this.root, path.slice(path.indexOf(this.root))), line: Number(found[2]) };
    }
    return undefined;
  }

  tell(test, more) {
    const { id, name, group, file, line } = test;
    this.write({ id, name, group, file, line, ...more });
  }

  unique(id) {
    const n = (this.ids.get(id) ?? 0) + 1;
    this.ids.set(id, n);
    return n === 1 ? id : this.unique(`${id}#${n}`);
  }

  // finish returns whether every test passed.
  finish() {
    if (this.lost) this.say(`The report could not be written: ${this.lost}`);
    this.say(`${this.total} tests, ${this.failed} failed`);
    return this.failed === 0 && this.total > 0;
  }
}

const key = (event) => JSON.stringify([event.file, event.nesting, event.line, event.column, event.name]);

function push(queues, at, test) {
  if (!queues.has(at)) queues.set(at, []);
  queues.get(at).push(test);
}

const shift = (queues, at) => queues.get(at)?.shift();
const text = (reason) => (typeof reason === 'string' ? clip(reason) : '');
const indent = (message) => `    ${message.replaceAll('\n', '\n    ')}`;
