import {
  RoomcastError,
  type Feature,
  type FeatureChange,
  type FeatureFields,
  type Geometry,
  type LngLat,
  type MapHandle,
  type MapLocation,
  type NewFeature,
  type Viewport,
} from "roomcast";
import { type Me, loadMe } from "../lib/people.ts";
import { save } from "../lib/storage.ts";
import { DEFAULT_COLOR } from "./marks.ts";
import { type Line, positionsOf, tidy, withPositions } from "./geo.ts";
import { type Drag, type MapPerson, type Shown, personOf, presenceOf } from "./people.ts";

/** What a click on the map does. */
export type Tool = "look" | "pin" | "route" | "area";

export interface Item {
  readonly id: string;
  readonly feature: Feature;
}

/** What the page shows besides the room's state; a new object at each change. */
export interface View {
  readonly me: Me;
  readonly tool: Tool;
  readonly selected: string | undefined;
  /** Points drawn and not in the map yet: of an area, or the first of a route. */
  readonly draft: Line;
  /** The route that is being drawn on. */
  readonly drawing: string | undefined;
  readonly drag: Drag | undefined;
  readonly location: MapLocation | undefined;
  /** The connection of the person whose view this one follows. */
  readonly following: string | undefined;
  readonly leads: boolean;
  readonly meeting: Meeting | undefined;
  /** An undo was asked for, and the room has not answered. */
  readonly undoing: boolean;
}

/** A way to take back one change, and to hear when it is gone because something else was done. */
export interface UndoOffer {
  readonly label: string;
  readonly run: () => void;
  readonly lapses: (listener: () => void) => () => void;
}

/** A point to meet at, with the way of each to it. */
export interface Meeting {
  readonly at: LngLat;
  readonly ways: readonly { readonly name: string; readonly line: Line }[];
}

/** What the page can ask of the drawn map; there is none without WebGL. */
export interface Camera {
  center(): LngLat;
  /** Brings these lines into view, or places as lines of one; `closest` is the zoom beyond which it does not go. */
  show(lines: readonly Line[], closest?: number): void;
  /** So many pixels from a place, as the map stands. */
  offset(place: LngLat, right: number, down: number): LngLat;
  zoomBy(levels: number): void;
}

/** Keys that move a pin are one move when they come within so many milliseconds. */
const NUDGE = 500;

/** Points of a draft that others are shown: presence is small. */
const MOST_SHOWN = 24;

/** One open map: the live room, who this person is in it, and what all parts of its page share. */
export class MapSession {
  readonly handle: MapHandle;
  camera: Camera | undefined;
  /** What the next feature looks like: as the last one that was given a look. */
  look: { readonly color: string; readonly icon: string } = { color: DEFAULT_COLOR, icon: "pin" };
  #view: View;
  #cursor: LngLat | undefined;
  #viewport: Viewport | undefined;
  #nudging: ReturnType<typeof setTimeout> | undefined;
  #people: readonly MapPerson[] = [];
  #items: readonly Item[] | undefined;
  #from: ReadonlyMap<string, Feature> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #refusals = new Set<(error: RoomcastError, asked: "change" | "undo") => void>();
  /** The pin that was dropped last, until its title has the focus. */
  #unnamed: string | undefined;
  /** Counts what this person did to the map. */
  #deeds = 0;

  constructor(handle: MapHandle) {
    this.handle = handle;
    this.#view = {
      me: loadMe(),
      tool: "look",
      selected: undefined,
      draft: [],
      drawing: undefined,
      drag: undefined,
      location: undefined,
      following: undefined,
      leads: false,
      meeting: undefined,
      undoing: false,
    };
  }

  /** Joins those who are here; returns the way to leave. */
  start(): () => void {
    this.#show();
    const stopPeople = this.handle.presence.subscribe(() => this.#meet());
    const stopRoom = this.handle.subscribe(() => this.#tidyUp());
    this.#meet();
    return () => {
      stopPeople();
      stopRoom();
      this.handle.presence.clear();
    };
  }

  /** Calls back when `view` or `people` changes. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): View => this.#view;
  readonly people = (): readonly MapPerson[] => this.#people;

  /** All features in the order in which they were made; undefined until they have come. */
  readonly items = (): readonly Item[] | undefined => {
    const { features } = this.handle;
    if (features !== this.#from) {
      this.#from = features;
      this.#items =
        features &&
        Array.from(features, ([id, feature]) => ({ id, feature })).sort(
          (a, b) => a.feature.made.at - b.feature.made.at || (a.id < b.id ? -1 : 1),
        );
    }
    return this.#items;
  };

  /** Tells everyone who listens that the room refused a change for good. */
  onRefused(listener: (error: RoomcastError, asked: "change" | "undo") => void): () => void {
    this.#refusals.add(listener);
    return () => this.#refusals.delete(listener);
  }

  /** Resolves with whether the room took it; who listens is told why not. */
  #taken(done: Promise<void>, asked: "change" | "undo" = "change"): Promise<boolean> {
    this.#deeds += 1;
    this.#emit();
    return done.then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof RoomcastError)) throw error;
        if (error.code !== "closed") for (const listener of this.#refusals) listener(error, asked);
        return false;
      },
    );
  }

  #sent(done: Promise<void>): void {
    void this.#taken(done);
  }

  // What is on the map.

  get mayWrite(): boolean {
    const { you, can, status } = this.handle;
    return (you === undefined || can.includes("write")) && status.phase !== "closed";
  }

  addPin(at: LngLat, fields: FeatureFields = {}, isNaming = fields.title === undefined): void {
    const { id, done } = this.handle.addPin(tidy(at), { ...this.look, ...fields });
    this.#sent(done);
    this.#unnamed = isNaming ? id : undefined;
    this.#set({ selected: id, tool: "look" });
  }

  /** Whether this pin was just dropped and waits for a name. Says so once. */
  takeNaming(id: string): boolean {
    const isNew = this.#unnamed === id;
    this.#unnamed = undefined;
    return isNew;
  }

  change(id: string, change: FeatureChange): void {
    void this.edit(id, change);
  }

  /** The same, and resolves with whether the room took it. */
  edit(id: string, change: FeatureChange): Promise<boolean> {
    const { color, icon } = change;
    if (typeof color === "string") this.look = { ...this.look, color };
    if (typeof icon === "string") this.look = { ...this.look, icon };
    return this.#taken(this.handle.updateFeature(id, change));
  }

  remove(id: string): void {
    this.#sent(this.handle.removeFeature(id));
    this.select(undefined);
  }

  /** Rejects when the room refuses it: for those who say so themselves. */
  async import(features: readonly NewFeature[]): Promise<void> {
    this.#deeds += 1;
    this.#emit();
    await this.handle.import(features);
    this.showAll(features);
  }

  /** Brings these into view. */
  showAll(features: readonly NewFeature[]): void {
    this.camera?.show(features.map(({ geometry }) => positionsOf(geometry)));
  }

  /** Takes back the last point of what is being drawn, else this person's newest change. */
  undo(): void {
    this.#settle();
    if (this.#view.draft.length > 0) this.#set({ draft: this.#view.draft.slice(0, -1) });
    else if (this.handle.canUndo) this.#takeBack();
  }

  /** One at a time: while the room has not answered nobody sees what is taken back, and would press again. */
  #takeBack(): void {
    if (this.#view.undoing) return;
    this.#set({ undoing: true });
    void this.#taken(this.handle.undo(), "undo").then(() => this.#set({ undoing: false }));
  }

  /** The way to take back what was done just now. It is gone with the next thing that this person does. */
  offerUndo(): UndoOffer {
    const deed = this.#deeds;
    const lapsed = (): boolean => this.#deeds !== deed || !this.handle.canUndo;
    return {
      label: "Undo",
      run: () => {
        this.#settle();
        if (!lapsed()) this.#takeBack();
      },
      lapses: (listener) => {
        const look = (): void => {
          if (lapsed()) listener();
        };
        const stops = [this.subscribe(look), this.handle.subscribe(look)];
        look();
        return () => {
          for (const stop of stops) stop();
        };
      },
    };
  }

  /** Moves one of a feature's positions. */
  move(id: string, index: number, at: LngLat): void {
    const geometry = this.handle.feature(id)?.geometry;
    if (geometry !== undefined) this.change(id, { geometry: dragged(geometry, { index, at: tidy(at) }) });
  }

  /** Moves a pin by a little; the room hears of it when that stops. */
  nudge(id: string, at: LngLat): void {
    clearTimeout(this.#nudging);
    this.drag({ id, at: tidy(at), index: 0 });
    this.#nudging = setTimeout(() => this.#settle(), NUDGE);
  }

  #settle(): void {
    clearTimeout(this.#nudging);
    const { drag } = this.#view;
    if (this.#nudging === undefined || drag === undefined) return;
    this.#nudging = undefined;
    this.move(drag.id, drag.index, drag.at);
    this.drag(undefined);
  }

  /** Where a pin is shown now. */
  placeOf(id: string): LngLat | undefined {
    const { drag } = this.#view;
    if (drag?.id === id && drag.adds !== true) return drag.at;
    const geometry = this.handle.feature(id)?.geometry;
    return geometry?.type === "Point" ? geometry.coordinates : undefined;
  }

  /** Puts a new corner into a route or an area, so that it gets this index. */
  insert(id: string, index: number, at: LngLat): void {
    const geometry = this.handle.feature(id)?.geometry;
    if (geometry?.type === "LineString") this.#sent(this.handle.addPoint(id, tidy(at), index));
    else if (geometry)
      this.change(id, { geometry: withPositions(geometry, positionsOf(geometry).toSpliced(index, 0, tidy(at))) });
  }

  /** Takes a corner out, where enough are left. */
  dropPosition(id: string, index: number): void {
    const geometry = this.handle.feature(id)?.geometry;
    if (geometry === undefined || geometry.type === "Point") return;
    const line = positionsOf(geometry);
    const least = geometry.type === "LineString" ? 2 : 3;
    if (line.length > least) this.change(id, { geometry: withPositions(geometry, line.toSpliced(index, 1)) });
  }

  // Drawing.

  pick(tool: Tool): void {
    this.#finish();
    this.#set({ tool, ...(tool === "look" ? {} : { selected: undefined }) });
  }

  /** Goes on with a route at its end. */
  goOn(id: string): void {
    this.#set({ tool: "route", drawing: id, selected: id, draft: [] });
  }

  /**
   * One more point of what is being drawn. A route is in the map, for everybody, from its second point on. A pin that
   * is set with the keyboard leaves the focus on the map, where arrows move it.
   */
  draw(place: LngLat, by: "pointer" | "keyboard" = "pointer"): void {
    const at = tidy(place);
    const { tool, draft, drawing } = this.#view;
    if (tool === "pin") this.addPin(at, {}, by === "pointer");
    else if (tool === "area") this.#set({ draft: [...draft, at] });
    else if (tool === "route" && drawing !== undefined) this.#sent(this.handle.addPoint(drawing, at));
    else if (tool === "route" && draft.length === 0) this.#set({ draft: [at] });
    else if (tool === "route") {
      const { id, done } = this.handle.addRoute([...draft, at], { color: this.look.color });
      this.#sent(done);
      this.#set({ draft: [], drawing: id, selected: id });
    }
  }

  /** The last point of the line or area that is being drawn. */
  lastDrawn(): LngLat | undefined {
    const { draft, drawing } = this.#view;
    const geometry = drawing === undefined ? undefined : this.handle.feature(drawing)?.geometry;
    return draft.at(-1) ?? (geometry && positionsOf(geometry).at(-1));
  }

  /** Ends what is being drawn and keeps it, if it is enough to be kept. */
  finish(): void {
    this.#finish();
    this.#set({ tool: "look" });
  }

  /** Ends what is being drawn, without what is not in the map yet. */
  cancel(): void {
    this.#set({ draft: [], drawing: undefined, tool: "look" });
  }

  #finish(): void {
    const { tool, draft } = this.#view;
    if (tool === "area" && draft.length > 2) {
      const { id, done } = this.handle.addArea(draft, { color: this.look.color });
      this.#sent(done);
      this.#set({ selected: id });
    }
    this.#set({ draft: [], drawing: undefined });
  }

  // What this person looks at, and where they are.

  select(id: string | undefined): void {
    this.#settle();
    if (id !== this.#view.selected) this.#set({ selected: id });
  }

  /** A position is being dragged; the room hears of it when it is let go, the others see it at once. */
  drag(drag: Drag | undefined): void {
    this.#set({ drag: drag && { ...drag, at: tidy(drag.at) } });
  }

  rename(me: Me): void {
    save("me", me);
    this.#set({ me });
  }

  follow(conn: string | undefined): void {
    if (conn !== this.#view.following) this.#set({ following: conn });
  }

  lead(leads: boolean): void {
    this.#set({ leads });
  }

  locate(location: MapLocation | undefined): void {
    this.#set({ location });
  }

  meet(meeting: Meeting | undefined): void {
    this.#set({ meeting });
  }

  pointAt(cursor: LngLat | undefined): void {
    this.#cursor = cursor && tidy(cursor);
    this.#show();
  }

  lookAt(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#show();
  }

  #set(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    this.#show();
    this.#emit();
  }

  #show(): void {
    const { me, location, following, drag, draft, leads } = this.#view;
    const shown: Shown = {
      ...(location && { location }),
      ...(this.#cursor && { cursor: this.#cursor }),
      ...(this.#viewport && { viewport: this.#viewport }),
      ...(following !== undefined && { following }),
      ...(drag && { drag }),
      ...(draft.length > 0 && { draft: draft.slice(-MOST_SHOWN) }),
      ...(leads && { leads }),
    };
    this.handle.presence.set(presenceOf(me, shown));
  }

  #meet(): void {
    this.#people = this.handle.presence.peers.map(personOf).toSorted((a, b) => (a.conn < b.conn ? -1 : 1));
    const { following } = this.#view;
    if (following !== undefined && !this.#people.some(({ conn }) => conn === following))
      this.#set({ following: undefined });
    else this.#emit();
  }

  /** What somebody else removed is neither selected nor drawn on. */
  #tidyUp(): void {
    const { selected, drawing, drag } = this.#view;
    const gone = (id: string | undefined) =>
      id !== undefined && this.handle.features !== undefined && this.handle.feature(id) === undefined;
    if (!gone(selected) && !gone(drawing) && !gone(drag?.id)) return;
    this.#set({
      ...(gone(selected) && { selected: undefined }),
      ...(gone(drawing) && { drawing: undefined, tool: "look" as const }),
      ...(gone(drag?.id) && { drag: undefined }),
    });
  }

  #emit(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A geometry with one of its positions elsewhere, or with one more; as it is when there is no such position. */
export function dragged(geometry: Geometry, { index, at, adds }: Omit<Drag, "id">): Geometry {
  const line = positionsOf(geometry);
  if (adds === true) return withPositions(geometry, line.toSpliced(index, 0, at));
  return index < line.length ? withPositions(geometry, line.with(index, at)) : geometry;
}
