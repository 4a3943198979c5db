// What every runtime has although ECMAScript does not name it: all that pure code may use of a platform.
declare class TextEncoder {
  encode(input?: string): Uint8Array;
}
