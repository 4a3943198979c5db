/** When the data of a fixture was made, by its rooms' clock. */
export const MADE = Date.UTC(2026, 10, 30, 12);

/** When it is opened again. The clock of its rooms starts there, whatever the day. */
export const OPENED = Date.UTC(2026, 10, 30, 13);
