import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointOf, foldPath } from "../../src/exchange/endpoint.js";

describe("a path", () => {
  test.each([
    ["/", "/"],
    ["/users", "/users"],
    ["/users/42", "/users/{id}"],
    ["/users/42/posts/7", "/users/{id}/posts/{id}"],
    ["/users/me", "/users/me"],
    ["/v1/messages", "/v1/messages"],
    ["/v2.1/items", "/v2.1/items"],
    ["/api/2024-01", "/api/{id}"],
    ["/o/3f2504e0-4f89-41d3-9a0c-0305e82c3301", "/o/{id}"],
    ["/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/{id}"],
    ["/o/507f1f77bcf86cd799439011", "/o/{id}"],
    ["/o/cus_Nffrfeufnv3ib9", "/o/{id}"],
    ["/items/42.json", "/items/{id}.json"],
    ["/order-1001", "/order-{id}"],
    ["/static/main.3f2a9c1b.js", "/static/main.{hash}.js"],
    ["/static/chunk-5XKQ2A7B.css", "/static/chunk-{hash}.css"],
    ["/people/ada@example.com", "/people/{id}"],
    ["/deadbeef", "/deadbeef"],
    ["/facade", "/facade"],
    ["/a-very-long-slug-of-an-article", "/a-very-long-slug-of-an-article"],
    ["/top-10-ways-to-win", "/top-10-ways-to-win"],
    ["/a//b", "/a//b"],
    ["/trailing/7/", "/trailing/{id}/"],
  ])("%s becomes %s", (path, folded) => {
    expect(foldPath(path)).toBe(folded);
  });

  test("folded once stays as it is", () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        expect(foldPath(foldPath(path))).toBe(foldPath(path));
      }),
    );
  });
});

test("an endpoint has no query, and its host in lower case", () => {
  expect(endpointOf("HTTPS://API.test:8443/users/42?x=1#y")).toBe("https://api.test:8443/users/{id}");
  expect(endpointOf("https://api.test?x=1")).toBe("https://api.test/");
  expect(endpointOf("nonsense")).toBe("nonsense");
});
