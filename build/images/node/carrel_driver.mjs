// Calls functions of the learner's files for tests that run elsewhere. See harness/agent/cases for the
// protocol; it runs as the learner, and nobody trusts it.

import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

const MAX_LINE = 1 << 20;
const ENDINGS = ['.js', '.mjs', '.cjs', '.ts', '.mts'];

// What a result is that cannot be sent.
class NotPlainValue extends Error {}
class TooLargeResult extends Error {}

// plain raises what a value is when JSON would change it. undefined becomes null.
function plain(value, depth = 0) {
  if (value === undefined) return null;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value) && depth < 100) return value.map((v) => plain(v, depth + 1));
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if ((prototype === Object.prototype || prototype === null) && depth < 100) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v, depth + 1)]));
  }
  throw new NotPlainValue(inspect(value, { depth: 1, maxStringLength: 200 }).slice(0, 400));
}

async function call(name, args) {
  const dot = name.lastIndexOf('.');
  const [path, wanted] = [name.slice(0, dot), name.slice(dot + 1)];
  const file = ENDINGS.map((ending) => resolve(path + ending)).find((found) => existsSync(found));
  if (!file) throw new Error(`there is no file ${path}.js`);
  const module = await import(pathToFileURL(file));
  const found = module[wanted] ?? module.default?.[wanted] ?? (module.default?.name === wanted ? module.default : undefined);
  if (typeof found !== 'function') throw new TypeError(`${file.slice(process.cwd().length + 1)} exports no function ${wanted}`);
  return await found(...args);
}

async function answer(request) {
  const { id } = request;
  try {
    const line = JSON.stringify({ id, result: plain(await call(request.call, request.args)) });
    if (Buffer.byteLength(line) >= MAX_LINE) throw new TooLargeResult(`${Buffer.byteLength(line)} bytes`);
    return line;
  } catch (e) {
    const isError = e instanceof Error;
    const error = isError ? (e.constructor?.name ?? e.name) : 'Error';
    return JSON.stringify({ id, error, message: String(isError ? e.message : inspect(e)).slice(0, 4096) });
  }
}

const channel = new Socket({ fd: 3, readable: true, writable: true });
for await (const line of createInterface({ input: channel, crlfDelay: Infinity })) {
  channel.write(`${await answer(JSON.parse(line))}\n`);
}
process.exit(0);
