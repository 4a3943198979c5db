/** `length` unguessable characters of [a-z0-9]. Not `randomUUID`: pages served over plain HTTP lack it. */
export function randomText(length: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) text += (byte % 36).toString(36);
  return text;
}
