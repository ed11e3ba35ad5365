import assert from "node:assert/strict";
import { describe, it, test } from "node:test";

import * as shop from "./shop.mjs";

const pattern = /test\("not a test", \/[/"]/; // a regular expression

test("adds", () => {
  assert.equal(shop.total([1, 2]), 3);
});

test('adds `nothing`', async (t) => {
  const got = await shop.later(2)
  assert.strictEqual(got, 2)
  if (got > 3)
    assert.equal(got, 4)
})

describe("names", () => {
  it("are sorted", function () {
    const expected = ["cake", "tea"];
    assert.deepEqual(shop.names({ tea: 3, cake: 4 }), expected);
  });

  it("come as objects", () => {
    assert.deepStrictEqual(shop.nested(), { a: [1, { b: "x" }], "c d": null, e: -2.5 });
    assert.ok(!shop.isOpen("sunday"));
  });

  it("short", () => assert.equal(shop.greet(`Ada`), `Hello, Ada!`));
});

test("flags", () => {
  assert(shop.isOpen("monday"));
  assert.ok(shop.isOpen("tuesday"), `on ${"tuesday"} it is`);
});
