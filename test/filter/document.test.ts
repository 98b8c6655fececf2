import { expect, test } from "vitest";
import { filterDocument } from "./document.js";

test("docs/filters.md is made from the table", async () => {
  await expect(filterDocument()).toMatchFileSnapshot("../../docs/filters.md");
});
