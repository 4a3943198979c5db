import { type Map as LibreMap, Marker } from "maplibre-gl";
import type { LngLat } from "roomcast";
import { initials } from "../../lib/names.ts";
import { near } from "../geo.ts";
import type { MapSession } from "../session.ts";

interface Dot {
  readonly marker: Marker;
  readonly element: HTMLElement;
  at: LngLat;
  /** Where it is going, and what it set out from. */
  from: LngLat;
  to: LngLat;
  began: number;
  looks: string;
}

/** A dot gets to its new place in so many milliseconds: about as often as news of it comes. */
const GLIDE = 160;

/** People as dots with their names, and their pointers. For looking at: the list of people says the same to all. */
export class PeopleDrawing {
  readonly #map: LibreMap;
  readonly #session: MapSession;
  readonly #dots = new Map<string, Dot>();
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #frame: number | undefined;

  constructor(map: LibreMap, session: MapSession) {
    this.#map = map;
    this.#session = session;
  }

  update(): void {
    const seen = new Set<string>();
    const show = (key: string, at: LngLat, make: () => HTMLElement, looks: string): void => {
      seen.add(key);
      const dot = this.#dots.get(key);
      if (dot?.looks === looks) this.#send(dot, at);
      else {
        dot?.marker.remove();
        this.#dots.set(key, this.#place(at, make(), looks));
      }
    };
    for (const { conn, name, hue, location, cursor } of this.#session.people()) {
      const looks = `${name}/${hue}/${location?.heading ?? ""}`;
      if (location) show(`at ${conn}`, [location.lng, location.lat], () => person(name, hue, location.heading), looks);
      if (cursor) show(`to ${conn}`, cursor, () => pointer(name, hue), looks);
    }
    const { me, location, meeting } = this.#session.view();
    if (location) {
      const looks = `${me.name}/${me.hue}/${location.heading ?? ""}`;
      show("me", [location.lng, location.lat], () => person(me.name, me.hue, location.heading, true), looks);
    }
    if (meeting) show("meeting", meeting.at, meetingMark, "");
    for (const [key, { marker }] of this.#dots) {
      if (seen.has(key)) continue;
      marker.remove();
      this.#dots.delete(key);
    }
  }

  remove(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    for (const { marker } of this.#dots.values()) marker.remove();
    this.#dots.clear();
  }

  #place(at: LngLat, element: HTMLElement, looks: string): Dot {
    const anchor = element.dataset["anchor"] === "tip" ? "top-left" : "center";
    const marker = new Marker({ element, anchor }).setLngLat([...at]).addTo(this.#map);
    // The list of people has the same, and says it better.
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
    element.removeAttribute("tabindex");
    element.setAttribute("aria-hidden", "true");
    return { marker, element, at, from: at, to: at, began: 0, looks };
  }

  #send(dot: Dot, place: LngLat): void {
    const to = near(place, dot.to[0]);
    if (dot.to[0] === to[0] && dot.to[1] === to[1]) return;
    dot.to = to;
    if (this.#still.matches) {
      this.#put(dot, to);
      return;
    }
    dot.from = dot.at;
    dot.began = performance.now();
    this.#frame ??= requestAnimationFrame((now) => this.#glide(now));
  }

  #glide(now: number): void {
    this.#frame = undefined;
    let moving = false;
    for (const dot of this.#dots.values()) {
      if (dot.at === dot.to) continue;
      const part = Math.max(0, Math.min(1, (now - dot.began) / GLIDE));
      const [lng, lat] = dot.from;
      this.#put(dot, part === 1 ? dot.to : [lng + (dot.to[0] - lng) * part, lat + (dot.to[1] - lat) * part]);
      moving ||= part < 1;
    }
    if (moving) this.#frame = requestAnimationFrame((later) => this.#glide(later));
  }

  #put(dot: Dot, at: LngLat): void {
    dot.at = at;
    dot.marker.setLngLat([...at]);
  }
}

function made(className: string, hue?: number): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  if (hue !== undefined) element.dataset["hue"] = String(hue);
  return element;
}

function named(className: string, text: string): HTMLElement {
  const element = made(className);
  element.textContent = text;
  return element;
}

function person(name: string, hue: number, heading: number | undefined, mine = false): HTMLElement {
  const element = made(mine ? "map-person mine" : "map-person", hue);
  if (heading !== undefined) {
    const wedge = made("map-heading");
    wedge.style.rotate = `${heading}deg`;
    element.append(wedge);
  }
  element.append(named("map-dot", initials(name)), named("map-name", mine ? "You" : name));
  return element;
}

const POINTER = '<svg width="18" height="18" viewBox="0 0 18 18"><path d="M2 2l5.2 14 2.4-6.4L16 7.2Z" /></svg>';

function pointer(name: string, hue: number): HTMLElement {
  const element = made("map-pointer", hue);
  element.dataset["anchor"] = "tip";
  element.innerHTML = POINTER;
  element.append(named("map-name", name));
  return element;
}

function meetingMark(): HTMLElement {
  const element = made("map-meeting");
  element.append(named("map-name", "Meet here"));
  return element;
}
