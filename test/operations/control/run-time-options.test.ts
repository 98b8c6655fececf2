// Options of a running proxy: what can't be set says what to do instead.
import { expect, test } from "vitest";
import { recordCommand } from "../../../src/cli/record.js";
import { findOption } from "../../../src/operations/control/run-time-options.js";

const changeable = ["filter", "intercept", "max-body"].map((name) => ({
  name,
  get: () => null,
  prepare: () => () => {},
}));

function refusal(name: string): unknown {
  try {
    return findOption(changeable, name);
  } catch (error) {
    return error;
  }
}

test("every flag of `record` either can be set or has a way that is named", () => {
  const flags = recordCommand().options.flatMap(({ long }) => (long == null ? [] : long.slice(2)));
  expect(flags).toContain("set-header");
  for (const flag of flags.filter((name) => !changeable.some((option) => option.name === name))) {
    expect(refusal(flag)).toMatchObject({
      code: "BAD_OPTION",
      message: `${flag} can't be changed while the proxy runs`,
      hint: expect.any(String),
    });
  }
});

test.each([
  ["max_body", "did you mean max-body?"],
  ["constructor", "these can be set: filter, intercept, max-body"],
  ["__proto__", "these can be set: filter, intercept, max-body"],
])("%s is none", (name, hint) => {
  expect(refusal(name)).toMatchObject({ code: "BAD_OPTION", hint });
});
