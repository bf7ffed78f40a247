import { z } from 'zod';

/** A key of the spec with its description. */
export const sentence = <T extends z.ZodType>(schema: T, text: string): T => schema.describe(text) as T;

export const absolutePath = z.string().startsWith('/', 'is not an absolute path — write one that starts with /');

/** A file of the folder. Absolute paths and `..` are refused: the sender of a spec must not reach files elsewhere. */
export const isHere = /^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+/;
export const notHere = (example: string): string => `is not a file of this folder — write its name, such as ${example}`;
export const fileHere = (example: string) => z.string().regex(isHere, notHere(example));
