import { TrafficError } from "../../errors.js";
import { COUNT, TEXT } from "../output.js";
import { DESTROYS, defineTool, type Tool } from "../tool.js";

const clearCapture = defineTool({
  name: "clear_capture",
  title: "Discard what was captured",
  toolset: "capture",
  description:
    "Deletes the finished exchanges that the proxy of this client has recorded so far, and goes on recording into the same session: connections, rules and exchanges under way stay. Use it between two runs of a test. Only for the proxy that this client started; to keep the recording use stop_capture and start_capture instead. Where recording has ended (maxDisk) the proxy begins anew, and connections are closed.",
  input: {},
  output: { cleared: COUNT, url: TEXT, session: TEXT },
  effects: DESTROYS,
  run: async (_input, context) => {
    const { own } = context.captures;
    if (own === undefined) {
      throw new TrafficError("NOT_RUNNING", "this client runs no proxy, so there is nothing to clear", {
        hint: "start_capture starts one; delete_session deletes a session that is finished",
      });
    }
    const { port, session, url: sameUrl } = own.recording;
    const cleared = await own.recording.clear();
    if (cleared !== undefined) return clearedAnswer(cleared, sameUrl, session.id);
    const { exchanges } = await own.recording.stop();
    const { deleteSession } = await import("../../operations/sessions.js");
    await deleteSession({ home: context.settings.home, session: session.path });
    const next = await context.captures.start({ ...own.options, port });
    return clearedAnswer(exchanges, next.recording.url, next.recording.session.id);
  },
});

function clearedAnswer(cleared: number, url: string, session: string) {
  return {
    text: `Discarded ${cleared} exchanges. Recording goes on at ${url} into session ${session}.`,
    data: { cleared, url, session },
  };
}

export const CAPTURE_CLEAR_TOOLS: readonly Tool[] = [clearCapture];
