// Bodies of every supported kind: the secret goes, the syntax and what is no secret stay.
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/redact/redactor.js";

type Case = readonly [name: string, contentType: string, text: string, expected: string];

const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";

const CASES: readonly Case[] = [
  [
    "pairs in lists",
    JSON_TYPE,
    '[["X-Api-Key","a1B2c3D4e5F6g7"],["cookie","a=b1c2"]]',
    '[["X-Api-Key","REDACTED-2"],["cookie","a=REDACTED-1"]]',
  ],
  [
    "flags",
    "text/plain",
    "curl -u bob:hunter2 --token abcd9 https://a.test/ --data-binary @x",
    "curl -u bob:REDACTED-1 --token REDACTED-2 https://a.test/ --data-binary @x",
  ],
  [
    "a block of YAML",
    "application/yaml",
    "user: bob\npassword: |\n  hunter2\nother: 1\n",
    "user: bob\npassword: |\n  REDACTED-1\nother: 1\n",
  ],
  ["a member", JSON_TYPE, '{"user":"bob","password":"hunter2"}', '{"user":"bob","password":"REDACTED-1"}'],
  [
    "formatting and order",
    JSON_TYPE,
    '{ "b" : 1.50,\n\t"apiKey" : "abc" , "a":[ ] }',
    '{ "b" : 1.50,\n\t"apiKey" : "REDACTED-1" , "a":[ ] }',
  ],
  [
    "big numbers",
    JSON_TYPE,
    '{"id":12345678901234567890.100,"pin":4821}',
    '{"id":12345678901234567890.100,"pin":"REDACTED-1"}',
  ],
  [
    "flags and null",
    JSON_TYPE,
    '{"password":true,"token":null,"secret":""}',
    '{"password":true,"token":null,"secret":""}',
  ],
  [
    "any depth",
    JSON_TYPE,
    '[{"a":{"b":[{"client_secret":"x9"}]}}]',
    '[{"a":{"b":[{"client_secret":"REDACTED-1"}]}}]',
  ],
  ["a list of secrets", JSON_TYPE, '{"tokens":["a1b2","c3d4"]}', '{"tokens":["REDACTED-1","REDACTED-2"]}'],
  [
    "a container",
    JSON_TYPE,
    '{"token":{"type":"bearer","value":"v1"}}',
    '{"token":{"type":"bearer","value":"REDACTED-1"}}',
  ],
  ["duplicate names", JSON_TYPE, '{"pwd":"one1","pwd":"two2"}', '{"pwd":"REDACTED-1","pwd":"REDACTED-2"}'],
  ["a byte order mark", JSON_TYPE, '\ufeff{"pwd":"one1"}', '\ufeff{"pwd":"REDACTED-1"}'],
  [
    "comments and a torn end",
    JSON_TYPE,
    '// x\n{"pwd":"one1", /* y */ "secret":"tor',
    '// x\n{"pwd":"REDACTED-1", /* y */ "secret":"REDACTED-2',
  ],
  ["a guard before", JSON_TYPE, ')]}\'\n{"pwd":"one1"}', ')]}\'\n{"pwd":"REDACTED-1"}'],
  ["JSONP", "application/javascript", 'cb({"password":"one1x9"})', 'cb({"password":"REDACTED-1"})'],
  [
    "JSON in a string",
    JSON_TYPE,
    '{"body":"{\\"password\\":\\"x1\\"}"}',
    '{"body":"{\\"password\\":\\"REDACTED-1\\"}"}',
  ],
  [
    "JSON in JSON in a string",
    JSON_TYPE,
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ secret: "x1" }) }) }),
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ secret: "REDACTED-1" }) }) }),
  ],
  [
    "unicode escapes",
    JSON_TYPE,
    '{"text":"g\\u0068p_0123456789abcdefghijABCDEFGHIJ012345"}',
    '{"text":"REDACTED-1"}',
  ],
  [
    "a query in a string",
    JSON_TYPE,
    '{"next":"https://a.test/x?page=2&access_token=t9#z"}',
    '{"next":"https://a.test/x?page=2&access_token=REDACTED-1#z"}',
  ],
  [
    "a log line in a string",
    JSON_TYPE,
    '{"log":"login password=hunter2 ok"}',
    '{"log":"login password=REDACTED-1 ok"}',
  ],
  [
    "name and value apart",
    JSON_TYPE,
    '[{"name":"X-Api-Key","value":"k1"},{"value":"k2","name":"DB_PASSWORD"}]',
    '[{"name":"X-Api-Key","value":"REDACTED-1"},{"value":"REDACTED-2","name":"DB_PASSWORD"}]',
  ],
  [
    "GraphQL arguments",
    JSON_TYPE,
    '{"query":"mutation { login(user: \\"bob\\", password: \\"x1y2\\") { id } }"}',
    '{"query":"mutation { login(user: \\"bob\\", password: \\"REDACTED-1\\") { id } }"}',
  ],
  ["a scheme", JSON_TYPE, '{"authorization":"Bearer abc"}', '{"authorization":"Bearer REDACTED-1"}'],
  ["a form", FORM, "user=bob&password=a%20b&code=xyz", "user=bob&password=REDACTED-1&code=REDACTED-2"],
  [
    "nested form names",
    FORM,
    "user%5Bpassword%5D=x&user[otp]=123456&b=",
    "user%5Bpassword%5D=REDACTED-1&user[otp]=REDACTED-2&b=",
  ],
  [
    "an address in a form",
    FORM,
    "u=https%3A%2F%2Fa.test%2F%3Ftoken%3Dabc&c=1",
    "u=https%3A%2F%2Fa.test%2F%3Ftoken%3DREDACTED-1&c=1",
  ],
  [
    "JSON in a form",
    FORM,
    "payload=%7B%22token%22%3A%22abc%22%7D",
    "payload=%7B%22token%22%3A%22REDACTED-1%22%7D",
  ],
  [
    "XML",
    "text/xml",
    "<a><user>bob</user><Password>x&amp;y</Password></a>",
    "<a><user>bob</user><Password>REDACTED-1</Password></a>",
  ],
  [
    "SOAP",
    "text/xml",
    '<wsse:Password Type="#PasswordText">s3</wsse:Password>',
    '<wsse:Password Type="#PasswordText">REDACTED-1</wsse:Password>',
  ],
  ["CDATA", "text/xml", "<token><![CDATA[s3]]></token>", "<token><![CDATA[REDACTED-1]]></token>"],
  [
    "attributes",
    "text/xml",
    '<db user="a" password="x1"/><add key="ApiKey" value="k9"/>',
    '<db user="a" password="REDACTED-1"/><add key="ApiKey" value="REDACTED-2"/>',
  ],
  [
    "a property list",
    "text/xml",
    "<key>Password</key><string>x1</string>",
    "<key>Password</key><string>REDACTED-1</string>",
  ],
  [
    "inputs",
    "text/html",
    '<input type="hidden" name="csrf_token" value="x1"><input name=q value=a><input type=password value="y2">',
    '<input type="hidden" name="csrf_token" value="REDACTED-1"><input name=q value=a><input type=password value="REDACTED-2">',
  ],
  [
    "state in a page",
    "text/html",
    '<script>window.__S__={"accessToken":"abc123x"}</script>',
    '<script>window.__S__={"accessToken":"REDACTED-1"}</script>',
  ],
  [
    "settings",
    "text/plain",
    "user=bob\npassword=hunter2\napi_key: 'k 1'\n",
    "user=bob\npassword=REDACTED-1\napi_key: 'REDACTED-2'\n",
  ],
  [
    "header lines",
    "text/plain",
    "GET / HTTP/1.1\r\nAuthorization: Bearer abc.def\r\nAccept: */*\r\n",
    "GET / HTTP/1.1\r\nAuthorization: Bearer REDACTED-1\r\nAccept: */*\r\n",
  ],
  [
    "a connection string",
    "text/plain",
    "postgres://bob:s3cret@db:5432/x",
    "postgres://bob:REDACTED-1@db:5432/x",
  ],
  [
    "settings with semicolons",
    "text/plain",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc/+12==;X=1",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=REDACTED-1;X=1",
  ],
  [
    "a private key",
    "text/plain",
    "x\n-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----\ny",
    "x\nREDACTED-1\ny",
  ],
  [
    "a private key in JSON",
    JSON_TYPE,
    '{"pem":"-----BEGIN PRIVATE KEY-----\\nMIIabc\\n-----END PRIVATE KEY-----\\n","a":1}',
    '{"pem":"REDACTED-1\\n","a":1}',
  ],
  [
    "a multipart field",
    "multipart/form-data; boundary=xx",
    '--xx\r\nContent-Disposition: form-data; name="password"\r\n\r\nabc\r\n--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n{"token":"x1"}\r\n--xx--\r\n',
    '--xx\r\nContent-Disposition: form-data; name="password"\r\n\r\nREDACTED-1\r\n--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n{"token":"REDACTED-2"}\r\n--xx--\r\n',
  ],
  [
    "base64 of JSON",
    "text/plain",
    Buffer.from('{"a":1,"password":"x1y2"}').toString("base64"),
    Buffer.from('{"a":1,"password":"REDACTED-1"}').toString("base64"),
  ],
];

describe("content", () => {
  test.each(CASES)("%s", (_name, contentType, text, expected) => {
    const redactor = createRedactor();
    expect(redactor.content(text, { contentType, side: "request" })).toBe(expected);
  });

  test.each(CASES)("%s: redacted again, it stays", (_name, contentType, text) => {
    const once = createRedactor().content(text, { contentType, side: "request" });
    expect(createRedactor().content(once, { contentType, side: "request" })).toBe(once);
  });
});
