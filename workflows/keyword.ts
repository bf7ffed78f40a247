/** Longest keyword of Temporal's stores; a longer one stops the workflow. */
const longest = 255;

/** Returns the text as a search attribute takes it. Pure. */
export const keyword = (text: string): string => text.slice(0, longest);
