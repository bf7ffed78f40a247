import { z } from 'zod';
import type { CheckWords } from './kind';

const addressSentence = 'is not the address of a Prometheus — write one such as http://prometheus:9090';

/** Marks of a query, which stand for the new instances. */
export const queryMarks = ['revision', 'instances', 'servers'] as const;
export type QueryMark = (typeof queryMarks)[number];

const mark = /\{\{\s*([^{}]*?)\s*\}\}/g;
const markSentence = 'has a mark that Belay does not know — write {{revision}}, {{instances}} or {{servers}}';

const unknownMarks = (text: string): string[] =>
  [...text.matchAll(mark)].map(([, name]) => name!).filter((name) => !queryMarks.some((one) => one === name));

/** Returns the query with values in place of its marks. */
export const marked = (query: string, values: Record<QueryMark, string>): string =>
  query.replace(mark, (_, name: QueryMark) => values[name]);

/** A question to a Prometheus server, whose answer is a number. */
export const prometheus = {
  validation: {
    prometheus: z
      .strictObject({
        url: z
          .string()
          .refine((text) => text.includes('$') || /^https?:\/\/\S+$/.test(text), addressSentence)
          .describe('The address of the server; a Compose service by its name.'),
        query: z
          .string()
          .min(1)
          .refine((text) => unknownMarks(text).length === 0, markSentence)
          .describe('The query in PromQL, with {{revision}}, {{instances}} and {{servers}}.'),
        requests: z
          .string()
          .min(1)
          .refine((text) => unknownMarks(text).length === 0, markSentence)
          .optional()
          .describe('A second query, with compare: the number of requests of which the first one counts errors.'),
        max: z.number().optional().describe('The most that each value of the answer may be.'),
        min: z.number().optional().describe('The least that each value of the answer may be.'),
      })
      .optional()
      .describe('A query to a Prometheus server, and the bounds of its answer.'),
  },
} satisfies CheckWords;
