/** Returns the last line that says something, of at most 200 characters; empty for none. */
export const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1)!.trim().slice(0, 200);
