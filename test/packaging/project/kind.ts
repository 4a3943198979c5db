import { defineKind } from "roomcast/kind";
import { checkKind, replay } from "roomcast/testing";

console.log([defineKind, checkKind, replay].every((value) => typeof value === "function"));
