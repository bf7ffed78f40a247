/** Returns one JSON object as a line of output: version, type, and the rest. */
export const jsonLine = (type: string, fields: object): string => JSON.stringify({ version: 1, type, ...fields });
