import test from 'node:test'; import assert from 'node:assert';
test('equal', () => assert.strictEqual(1 + 1, 3));
test('deep', () => assert.deepStrictEqual({a: 1}, {a: 2}));
test('ok', () => {});
test('skip me', {skip: 'later'}, () => {});
test('throws', () => { throw new TypeError('boom') });
test('parent', async (t) => { await t.test('child', () => assert.equal(1, 2)); });
