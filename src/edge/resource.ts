import type { Permission } from "../protocol/user.ts";
import type { Admission } from "../room/api.ts";
import type { Answer } from "./answers.ts";
import type { RoomStub } from "./options.ts";

/** One admitted request to one room: all that a route needs to know. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  readonly kind: string;
  readonly id: string;
  readonly room: RoomStub;
  readonly admission: Admission;
  /** The Worker's bindings, for routes that are made for them. */
  readonly env: unknown;
  /** The path's other parameters, still percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The largest body to read, bytes. */
  readonly bodyBytes: number;
  /** What the request holds, where it had to be read to find the room. */
  readonly body?: string;
  /** The room's state as JSON when it holds nothing, where the edge can know: the `*` of preconditions. */
  readonly blank?: string;
}

/** What the rooms of a route may be called, besides what every room may. */
export interface RoomRules {
  readonly longestName?: number;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What one method of a resource does, and what it takes to be let through to it. */
export interface Action {
  readonly needs: Permission;
  readonly run: (visit: Visit) => Promise<Answer> | Answer;
}

/** A path below a room and its methods. GET serves HEAD too; OPTIONS and 405 come of themselves. */
export interface Resource {
  /** `""` for the room itself, else such as `/versions/:name`. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Action>>>;
  /** A WebSocket: GET is an upgrade. */
  readonly socket?: true;
  /** Requests that are somebody else's to answer although the path is this one: views of the page that is there too. */
  readonly passes?: (request: Request) => boolean;
  /** Looks before anybody is admitted; for answers in words of a wire format's own. */
  readonly screen?: (request: Request, id: string, rules: RoomRules) => Answer | undefined;
  /** Headers of OPTIONS and 405, besides Allow. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The Allow header of a resource. */
export function allowed({ methods, socket }: Resource): string {
  const names: string[] = [...Object.keys(methods), "OPTIONS"];
  if (methods.GET !== undefined && socket === undefined) names.splice(names.indexOf("GET") + 1, 0, "HEAD");
  return names.join(", ");
}

/** Resources and those that a kind has on top: methods of the same path come together. */
export function extend(common: readonly Resource[], own: readonly Resource[]): readonly Resource[] {
  const merged = new Map(common.map((resource) => [resource.path, resource]));
  for (const resource of own) {
    const base = merged.get(resource.path);
    merged.set(resource.path, {
      ...base,
      ...resource,
      methods: { ...base?.methods, ...resource.methods },
      headers: { ...base?.headers, ...resource.headers },
    });
  }
  return [...merged.values()];
}
