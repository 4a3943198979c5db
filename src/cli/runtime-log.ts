/** What workerd logs, with a stack trace, of requests that no Worker gets to see: the caller's fault, not the server's. */
const MALFORMED = [
  /^Uncaught exception: kj\/compat\/http\.c\+\+:\d+: failed: (invalid Content-Length header value|unknown transfer encoding)/,
  /^Uncaught exception: kj\/compat\/http\.c\+\+:\d+: failed: (HTTP chunk|invalid HTTP chunk|expected HTTP chunk)/,
  /Handler does not export a connect\(\) function/,
  /^Received a connect event but we lack a handler/,
];

/** Whether a line of workerd's log only tells of a malformed request, which it has answered. */
export function isMalformedRequest(message: string): boolean {
  return MALFORMED.some((pattern) => pattern.test(message));
}
