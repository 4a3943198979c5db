/** An address without the port that some proxies write behind it, and without brackets. */
export function withoutPort(address: string): string {
  return address
    .trim()
    .replace(/^\[([^\]]*)\](?::\d+)?$/, "$1")
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
}

/**
 * What an address is counted by: an IPv4 address by itself, an IPv6 address by its first 64 bits, since whoever has
 * one has all the others behind them. What is not an address is counted as it stands.
 */
export function networkOf(address: string): string {
  const bare = withoutPort(address).toLowerCase().replace(/%.*$/, "");
  if (!bare.includes(":")) return bare;
  const [, mapped] = /^(?:0{0,4}:){2,5}ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare) ?? [];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = bare.replace(/\d+\.\d+\.\d+\.\d+$/, "0:0").split("::");
  const front = groups(head);
  const missing = tail === undefined ? 0 : Math.max(0, 8 - front.length - groups(tail).length);
  const all = [...front, ...Array.from({ length: missing }, () => "0"), ...groups(tail ?? "")];
  if (all.length !== 8 || !all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return bare;
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

function groups(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}
