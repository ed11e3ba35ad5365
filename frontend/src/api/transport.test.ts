import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";
import { toProblem } from "@/api/problem";
import { createTransport, tokenHeader } from "@/api/transport";
import { ReadSettingsResponseSchema, SettingsService } from "@/gen/carrel/ide/v1/settings_service_pb";

function answering(make: () => Response | Promise<Response>) {
  return vi.fn((_url: RequestInfo | URL, _init?: RequestInit) => Promise.resolve(make()));
}

const version = () =>
  new Response(
    toBinary(ReadSettingsResponseSchema, create(ReadSettingsResponseSchema, { version: "1.0.0" })),
    {
      headers: { "Content-Type": "application/proto" },
    },
  );

describe("createTransport", () => {
  it("posts binary messages to /rpc on our own origin, with token and language", async () => {
    const fetch = answering(version);
    const client = createClient(
      SettingsService,
      createTransport({ token: "t0ken", locale: () => "ru", fetch }),
    );
    expect((await client.readSettings({})).version).toBe("1.0.0");
    const [url, init] = fetch.mock.calls[0] ?? [];
    const headers = new Headers(init?.headers);
    expect(String(url)).toBe(`${window.location.origin}/rpc/carrel.ide.v1.SettingsService/ReadSettings`);
    expect(init?.method).toBe("POST");
    expect(headers.get("Content-Type")).toBe("application/proto");
    expect(headers.get(tokenHeader)).toBe("t0ken");
    expect(headers.get("Accept-Language")).toBe("ru");
  });

  it("sends no token where there is none", async () => {
    const fetch = answering(version);
    await createClient(
      SettingsService,
      createTransport({ token: "", locale: () => "en", fetch }),
    ).readSettings({});
    expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).has(tokenHeader)).toBe(false);
  });

  it("makes silence of the server a problem of its own kind", async () => {
    const fetch = answering(() => Promise.reject(new TypeError("Failed to fetch")));
    const client = createClient(SettingsService, createTransport({ token: "", locale: () => "en", fetch }));
    const error: unknown = await client.readSettings({}).catch((reason) => reason);
    expect(toProblem(error).kind).toBe("unreachable");
  });

  it("reads the sentence and the hint of a refusal", async () => {
    const fetch = answering(
      () =>
        new Response(JSON.stringify({ code: "unavailable", message: "Docker не запущен." }), {
          status: 503,
          headers: {
            "Content-Type": "application/json",
            "carrel-hint": encodeURIComponent("Запустите Docker."),
          },
        }),
    );
    const client = createClient(SettingsService, createTransport({ token: "", locale: () => "ru", fetch }));
    const error: unknown = await client.readSettings({}).catch((reason) => reason);
    expect(toProblem(error)).toEqual({
      kind: "offline",
      message: "Docker не запущен.",
      hint: "Запустите Docker.",
    });
  });
});
