/** How long requests wait while nobody serves, where no `hold` says it, in milliseconds. */
export const usualHold = 30_000;
