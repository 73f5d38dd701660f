import { describe, expect, test } from "vitest";
import {
  decodeFromExecutor,
  decodeToExecutor,
  encodeControl,
} from "../../src/actors/control-frame.ts";
import { controlBytesMax, type ToExecutor } from "../../src/actors/protocol.ts";

const tell = (body: unknown): ToExecutor => ({
  type: "to-actor",
  actor: 1,
  message: { type: "tell", body },
});

describe("a control message", () => {
  test("comes back as it was, with every type that structured clone carries", () => {
    const body = { big: 2n ** 70n, when: new Date(5), bytes: new Uint8Array([1, 2]), none: null };
    expect(decodeToExecutor(encodeControl(tell(body)))).toEqual(tell(body));
    const pong = { type: "pong", ping: 3 } as const;
    expect(decodeFromExecutor(encodeControl(pong))).toEqual(pong);
  });

  test("is at most 64 KiB, and refused at one byte more", () => {
    const rest = encodeControl(tell("x".repeat(1000))).byteLength - 1000;
    // The length of a string is a varint, a byte longer here than for 1,000 characters.
    const longest = "x".repeat(controlBytesMax - rest - 1);
    expect(encodeControl(tell(longest)).byteLength).toBe(controlBytesMax);
    expect(() => encodeControl(tell(`${longest}x`))).toThrow(
      expect.objectContaining({ code: "actor.message_too_big", kind: "Permanent" }),
    );
  });

  test("that is no bytes is a defect", () => {
    expect(() => decodeToExecutor("text")).toThrow(/expected bytes/);
  });
});
