/** The system's errors in the words in which the kubelet tells them. Pure. */
import { messageOf } from '../apimachinery/thrown.ts';

/** What Node.js says of a call that failed: its code, why, the call, and the path if it had one. */
const NODES_WORDS = /^E[A-Z0-9]+: (.+), (\w+)(?: '(.+)')?$/;

/** `mkdir /some/path: no space left on device`, as Go puts it; any other error's own message. */
export function systemErrorText(error: unknown): string {
  const message = messageOf(error);
  const [, why, call, path] = NODES_WORDS.exec(message) ?? [];
  if (why === undefined) return message;
  return path === undefined ? `${call}: ${why}` : `${call} ${path}: ${why}`;
}
