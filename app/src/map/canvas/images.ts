import { ICON_PATHS, colorOf, iconOf } from "../marks.ts";
import { dotColors } from "./base-style.ts";

/** Images are drawn at twice their size, for dense screens. */
export const RATIO = 2;

/** Pixels of a pin: its tip is in the middle of the lower edge. */
const PIN = { width: 34, height: 42 };

/** The name of a pin's image; what it looks like is drawn from the name. */
export function pinImage(color: string | undefined, icon: string | undefined): string {
  return `pin/${colorOf(color)}/${iconOf(icon)}`;
}

/** Draws the image with this name; undefined for a name that is none of the page's. */
export function drawImage(name: string, dark: boolean): ImageData | undefined {
  const [what, first, second] = name.split("/");
  if (what === "pin") return drawPin(colorOf(first), iconOf(second));
  if (what === "place") return drawDot(first === "capital", dark);
  return undefined;
}

function drawPin(color: string, icon: ReturnType<typeof iconOf>): ImageData | undefined {
  return drawn(PIN.width, PIN.height, (context) => {
    const body = new Path2D("M17 40.2C11 33 4 25.6 4 17a13 13 0 0 1 26 0c0 8.6-7 16-13 23.2Z");
    context.shadowColor = "rgb(10 20 30 / 0.35)";
    context.shadowBlur = 4;
    context.shadowOffsetY = 2;
    context.fillStyle = color;
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
    context.fill(body);
    context.shadowColor = "transparent";
    context.lineWidth = 2;
    context.strokeStyle = "#fff";
    context.stroke(body);
    context.translate(17 - 8.2, 17 - 8.2);
    context.scale(0.82, 0.82);
    context.lineWidth = 1.9;
    context.lineCap = context.lineJoin = "round";
    const glyph = new Path2D(ICON_PATHS[icon]);
    if (icon === "pin") {
      context.fillStyle = "#fff";
      // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
      context.fill(glyph);
    }
    context.stroke(glyph);
  });
}

function drawDot(capital: boolean, dark: boolean): ImageData | undefined {
  const { ink, ground } = dotColors(dark);
  const size = capital ? 9 : 7;
  return drawn(size, size, (context) => {
    context.fillStyle = ground;
    context.strokeStyle = ink;
    context.lineWidth = 1.2;
    context.beginPath();
    if (capital) context.rect(1.5, 1.5, size - 3, size - 3);
    else context.arc(size / 2, size / 2, size / 2 - 1.4, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  });
}

function drawn(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D) => void,
): ImageData | undefined {
  const canvas = document.createElement("canvas");
  canvas.width = width * RATIO;
  canvas.height = height * RATIO;
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  context.scale(RATIO, RATIO);
  draw(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
