/** One JSON object for a line of output: its version, what it is, and the rest. */
export const jsonLine = (type: string, fields: object): string => JSON.stringify({ version: 1, type, ...fields });
