// What a recording answers to whoever asks for its held exchanges. Loaded when someone does.
import {
  dropHeldMethod,
  type HeldList,
  listHeldMethod,
  resumeAllHeldMethod,
  resumeHeldMethod,
  setInterceptMethod,
  showHeldMethod,
} from "../../control/intercept-methods.js";
import { answer } from "../../control/method.js";
import type { BoundMethod } from "../../control/server.js";
import type { LiveRules } from "../rules/live-rules.js";
import type { RecordingRules } from "../rules/recording-rules.js";
import { decidedOf, edited, shownMessage, summary } from "./held-message.js";

export function interceptMethods(rules: RecordingRules): BoundMethod[] {
  return [
    answer(setInterceptMethod, async ({ filter }) => {
      const live = await rules.load();
      (await live.prepareIntercept(filter ?? undefined))();
      return heldList(live);
    }),
    answer(listHeldMethod, async () => heldList(await rules.load())),
    answer(showHeldMethod, async ({ id }) => {
      const held = (await rules.load()).held.get(id);
      return { ...summary(held), message: await shownMessage(held), decided: decidedOf(held) };
    }),
    answer(resumeHeldMethod, async ({ id, edit }) => {
      const { held: all } = await rules.load();
      const held = all.get(id);
      const outcome = edit === undefined ? undefined : await edited(held, edit);
      all.release(id, outcome);
      return summary(held);
    }),
    answer(resumeAllHeldMethod, async () => {
      const { held: all } = await rules.load();
      const resumed = all.list().map(summary);
      all.releaseAll();
      return { resumed };
    }),
    answer(dropHeldMethod, async ({ id }) => {
      const { held: all } = await rules.load();
      const held = all.get(id);
      all.release(id, { kind: "abort", how: "close" });
      return summary(held);
    }),
  ];
}

function heldList({ intercept, held }: LiveRules): HeldList {
  return { filter: intercept ?? null, held: held.list().map(summary) };
}
