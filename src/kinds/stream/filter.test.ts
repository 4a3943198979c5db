import { expect, test } from "vitest";
import { Refusal } from "../../protocol/refusal.ts";
import { compileFilter, parseFilter } from "./filter.ts";

const EVENT = {
  data: JSON.stringify({
    type: "pageview",
    path: "/docs/start",
    country: "DE",
    code: 404,
    ok: true,
    user: { id: "u1", "full name": "Ada, L." },
    none: null,
    tags: ["a"],
    "a.b": "dotted",
    price: 9.9,
    e: 1000,
    zero: 0,
  }),
};

function passes(filter: string): boolean {
  const compiled = compileFilter(filter);
  if (compiled instanceof Refusal) throw new Error(compiled.message);
  return compiled(EVENT);
}

test.each([
  ["", true],
  ["none", false],
  ["type:pageview", true],
  ["type:click", false],
  ["type:click,pageview", true],
  ["type:pageview country:FR,DE", true],
  ["  type:pageview   country:FR ", false],
  ["path^:/docs", true],
  ["path^:/blog,/docs/s", true],
  ["path^:docs", false],
  ["has:user.id", true],
  ["has:none", true],
  ["has:user.name", false],
  ["has:constructor", false],
  ["has:tags.length", false],
  ["user.id:u1", true],
  ['"a.b":dotted', true],
  ["a.b:dotted", false],
  ["code:404", true],
  ["price:9.90", true],
  ["price:9.91", false],
  ["e:1e3,7", true],
  ["e:0x3e8", false],
  ['zero:""', false],
  ["zero:-0", true],
  ["ok:1", false],
  ["none:0", false],
  ['has:"a.b"', true],
  ['has:"user.id"', false],
  ["code^:4", false],
  ["ok:true", true],
  ["none:null", true],
  ["tags:a", false],
  ['type:"pageview"', true],
  ['type:"a b","page\\u0076iew"', true],
  ["url:https://x.example/", false],
  ['[{"field":"type","equals":"pageview"}]', true],
  ['{"field":"type","in":["click"]}', false],
  ['{"field":"code","in":[404]}', true],
  ['{"field":"code","in":["404"]}', false],
  ['{"field":["user","full name"],"prefix":"Ada,"}', true],
  ['[{"field":"type","exists":true},{"field":"gone","exists":false}]', true],
  ["[]", true],
  ["pageview", true],
  ["PAGEview /docs", true],
  ["pageview click", false],
  ['"ada, l."', true],
  ["full", false],
  ["404 type:pageview", true],
  ["has", false],
  ["/start", true],
  ["ann", false],
  ['{"search":"Ada"}', true],
  ['[{"search":"click"}]', false],
] as const)("B5 filter %j lets it pass: %j", (filter, expected) => {
  expect(passes(filter)).toBe(expected);
});

test.each([
  ['user."full name":x', "character 6"],
  ['"type" =', "character 9"],
  ["type:", "character 6"],
  ["type:a,", "character 8"],
  ["type:a,,b", "character 8"],
  [":a", "character 1"],
  ['type:"a', "character 6"],
  ['type:"a\\x"', "character 6"],
  ['type:"a"b', "character 9"],
  ["has:a,b", "character 8"],
  ["type = click", "character 7"],
  ["a,b", "character 2"],
  ['""', "character 3"],
  ['[{"search":""}]', "/0/search"],
  ['[{"search":"a","exists":true}]', "/0/search"],
  [Array.from({ length: 21 }, (_, n) => `f${n}:1`).join(" "), "20 conditions"],
  [`type:${"x".repeat(1000)}`, "1000 characters"],
  ["{", "none"],
  ['["type"]', "/0"],
  ['[{"in":["a"]}]', "/0/field"],
  ['[{"field":"a"}]', "/0"],
  ['[{"field":"a","in":"b"}]', "/0/in"],
  ['[{"field":"a","in":[{}]}]', "/0/in"],
  ['[{"field":"a","in":["b"],"exists":true}]', "/0"],
  ['[{"field":"a","matches":"b"}]', "/0/matches"],
  ['[{"field":"a","exists":1}]', "/0/exists"],
  ['[{"field":"a.","exists":true}]', "/0/field"],
  ['[{"field":"a","prefix":[1]}]', "/0/prefix"],
])("B5 filter %j is wrong at %s", (filter, place) => {
  const refusal = parseFilter(filter);
  expect(refusal).toMatchObject({ code: "bad_request" });
  expect((refusal as Refusal).message).toContain(place);
});
