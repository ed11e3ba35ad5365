import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { QuestionKind, QuestionSchema } from "@/gen/carrel/lesson/v1/lesson_pb";
import { answered, answerOf, isComplete, moved } from "./quiz-answers";

const options = [{ id: "a" }, { id: "b" }, { id: "c" }];
const order = create(QuestionSchema, { id: "order", kind: QuestionKind.ORDER, options });
const single = create(QuestionSchema, { id: "single", kind: QuestionKind.SINGLE, options });
const text = create(QuestionSchema, { id: "text", kind: QuestionKind.TEXT });

describe("quiz answers", () => {
  it("start in the order shown for order questions only", () => {
    expect(answerOf(order, new Map())).toEqual(["a", "b", "c"]);
    expect(answerOf(single, new Map())).toEqual([]);
  });

  it("are complete when every question has one", () => {
    const some = answered(new Map(), single, ["b"]);
    expect(isComplete([order, single, text], some)).toBe(false);
    expect(isComplete([order, single, text], answered(some, text, ["  "]))).toBe(false);
    expect(isComplete([order, single, text], answered(some, text, ["42"]))).toBe(true);
  });

  it("move by one place and stop at the ends", () => {
    expect(moved(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], "b", 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b", "c"], "a", -1)).toEqual(["a", "b", "c"]);
  });
});
