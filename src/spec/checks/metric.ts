import { z } from 'zod';
import type { CheckWords } from './kind';
import { Port, UrlPath } from './parts';

const nameSentence = 'is not the name of a metric — write one such as queue_depth';

/** A number that the instance tells Prometheus. */
export const metric = {
  ready: {
    metric: z
      .strictObject({
        port: Port.describe('The container port that answers with metrics.'),
        path: UrlPath.default('/metrics').describe('The path of the metrics.'),
        name: z
          .string()
          .regex(/^[A-Za-z_:][\w:]*$/, nameSentence)
          .describe('The name of the metric.'),
        labels: z
          .record(z.string(), z.string())
          .optional()
          .describe('Labels that a sample must have, with their values; others do not matter.'),
        max: z.number().optional().describe('The most that each such sample may be.'),
        min: z.number().optional().describe('The least that each such sample may be.'),
      })
      .optional()
      .describe("A metric in Prometheus' text format, and its bounds when the instance is ready."),
  },
  asks: ({ metric }: { metric?: { port: number } }) => metric?.port,
} satisfies CheckWords;
