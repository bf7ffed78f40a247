import { z } from 'zod';
import type { CheckWords } from './kind';
import { address, Port, UrlPath, url } from './parts';

const nameSentence = 'is not the name of a metric — write one such as queue_depth';

const sample = {
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
};

/** A metric, and the bounds of its samples. */
export type MetricBounds = z.infer<z.ZodObject<typeof sample>>;

/** Metrics of the whole platform, at an address. */
export const metricAtAddress = z
  .strictObject({
    url: address(url('https?'), 'is not an address — write one such as http://localhost:9100/metrics')
      .unwrap()
      .describe('The address that answers with metrics.'),
    ...sample,
  })
  .optional()
  .describe("A metric in Prometheus' text format, and its bounds.");

/** A number that the instance tells Prometheus. */
export const metric = {
  ready: {
    metric: z
      .strictObject({
        port: Port.describe('The container port that answers with metrics.'),
        path: UrlPath.default('/metrics').describe('The path of the metrics.'),
        ...sample,
      })
      .optional()
      .describe("A metric in Prometheus' text format, and its bounds when the instance is ready."),
  },
  asks: ({ metric }: { metric?: { port: number } }) => metric?.port,
} satisfies CheckWords;
