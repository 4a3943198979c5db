import type { Amendments } from "../kind.ts";
import { deleted, edited, reacted, repliedTo, unreacted } from "./message.ts";
import type { ChatOp, Message } from "./types.ts";

/** History shows messages as they read now, and holds nothing of what was deleted: see `Kind.amendments`. */
export const amendments: Amendments<ChatOp> = {
  targets(op) {
    switch (op.type) {
      case "send":
        return op.message.reply === undefined || op.message.reply.text === "" ? [] : [op.message.reply.n];
      case "edit":
        return op.before === undefined ? [op.n] : [op.n, op.before];
      case "delete":
        return [op.n, ...[op.edit, op.quoted].filter((n) => n !== undefined), ...(op.replies ?? [])];
      case "react":
      case "unreact":
        return [op.n];
      case "read":
      case "mute":
      case "unmute":
      case "ban":
      case "unban":
      case "rules":
        return [];
    }
  },
  amend(earlier, op) {
    if (earlier.type === "send") {
      const message = amended(earlier.message, op);
      return message === earlier.message ? earlier : { ...earlier, message };
    }
    const textless = earlier.type === "edit" && (op.type === "edit" || op.type === "delete") && earlier.n === op.n;
    if (!textless || earlier.text === undefined) return earlier;
    const { text: _, ...rest } = earlier;
    return rest;
  },
  erases: (op) => op.type === "delete",
};

function amended(message: Message, op: ChatOp): Message {
  switch (op.type) {
    case "send":
      return op.message.reply?.n === message.n ? repliedTo(message, op.message.n) : message;
    case "edit":
      return op.n === message.n ? edited(message, op) : message;
    case "delete":
      return deleted(message, op);
    case "react":
      return op.n === message.n ? reacted(message, op.reaction, op.person) : message;
    case "unreact":
      return op.n === message.n ? unreacted(message, op.reaction, op.person) : message;
    case "read":
    case "mute":
    case "unmute":
    case "ban":
    case "unban":
    case "rules":
      return message;
  }
}
