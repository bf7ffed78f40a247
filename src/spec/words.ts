import { z } from 'zod';

/** A key of the spec with its description. */
export const sentence = <T extends z.ZodType>(schema: T, text: string): T => schema.describe(text) as T;

export const absolutePath = z.string().startsWith('/', 'is not an absolute path — write one that starts with /');
